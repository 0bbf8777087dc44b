# terraform test: how the inputs change the plan, without an account. test/infra runs it, and also applies the
# module to an emulator.

mock_provider "aws" {
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }
  mock_data "aws_region" {
    defaults = { id = "eu-central-1" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
}

variables {
  resource_prefix        = "acme"
  environment            = "dev"
  registry_function_name = "acme-dev-prompt-registry"
  registry_function_arn  = "arn:aws:lambda:eu-central-1:123456789012:function:acme-dev-prompt-registry"
  sources                = <<-EOT
    sources:
      - name: support
        repository: acme/support-prompts
        credentials: { passwordEnv: SUPPORT_TOKEN }
        webhook: { secretEnv: SUPPORT_HOOK, nextSecretEnv: SUPPORT_HOOK_NEXT }
  EOT
  secrets = {
    SUPPORT_TOKEN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:github-AbCdEf#token"
    SUPPORT_HOOK  = "arn:aws:ssm:eu-central-1:123456789012:parameter/acme/support-hook"
  }
}

run "the_functions_are_complete" {
  command = plan

  assert {
    condition = (
      aws_lambda_function.this["controller"].function_name == "acme-dev-prompt-controller" &&
      aws_lambda_function.this["webhooks"].function_name == "acme-dev-prompt-webhooks"
    )
    error_message = "The functions are named after prefix and environment."
  }
  assert {
    condition = alltrue([for function in aws_lambda_function.this : alltrue([
      function.package_type == "Zip",
      function.runtime == "nodejs22.x",
      function.architectures == tolist(["arm64"]),
      function.environment[0].variables.SOURCES_KEY == "promptctl.yaml",
    ])])
    error_message = "Both functions run Node 22 on arm64 and know where the sources are."
  }
  assert {
    condition = (
      aws_lambda_function.this["controller"].environment[0].variables.PROMPT_REGISTRY_FUNCTION == "acme-dev-prompt-registry" &&
      !contains(keys(aws_lambda_function.this["webhooks"].environment[0].variables), "PROMPT_REGISTRY_FUNCTION")
    )
    error_message = "Only the controller knows the registry."
  }
  assert {
    condition     = aws_lambda_function.this["webhooks"].environment[0].variables.CONTROLLER_FUNCTION == "arn:aws:lambda:eu-central-1:123456789012:function:acme-dev-prompt-controller:passes"
    error_message = "Webhooks reach the controller through the alias that accepts only passes."
  }
  assert {
    condition = (
      jsondecode(aws_lambda_function.this["controller"].environment[0].variables.PROMPT_CONTROLLER_SECRETS) == { SUPPORT_TOKEN = var.secrets.SUPPORT_TOKEN } &&
      jsondecode(aws_lambda_function.this["webhooks"].environment[0].variables.PROMPT_CONTROLLER_SECRETS) == { SUPPORT_HOOK = var.secrets.SUPPORT_HOOK }
    )
    error_message = "Each function knows only its own secrets."
  }
  assert {
    condition = (
      local.secret_arns == { controller = tolist(["arn:aws:secretsmanager:eu-central-1:123456789012:secret:github-AbCdEf"]), webhooks = tolist([]) } &&
      local.parameter_arns == { controller = tolist([]), webhooks = tolist([var.secrets.SUPPORT_HOOK]) }
    )
    error_message = "Each role may read its own secrets only, named without a key."
  }
}

run "an_empty_string_counts_as_unset" {
  command = plan
  variables {
    kms_key_arn             = ""
    package_type            = ""
    image_uri               = ""
    event_bus_name          = ""
    proof_kms_key_arn       = ""
    permissions_boundary    = ""
    role_path               = ""
    log_kms_key_arn         = ""
    environment_kms_key_arn = ""
    log_level               = ""
    alarm_topic_arn         = ""
    # Lists and attributes of objects.
    secrets_kms_key_arns = [""]
    alarm_actions        = [""]
    vpc_config           = { subnet_ids = [], security_group_ids = [] }
    webhooks_package     = { s3_bucket = "artifacts", s3_key = "webhooks.zip", s3_object_version = "" }
  }

  assert {
    condition = alltrue([for function in aws_lambda_function.this : alltrue([
      function.package_type == "Zip", function.kms_key_arn == null, function.s3_object_version == null,
      function.environment[0].variables.LOG_LEVEL == "INFO", length(function.vpc_config) == 0,
    ])])
    error_message = "An empty string selects the default."
  }
  assert {
    condition     = length(local.secrets_kms_key_arns) == 0
    error_message = "An empty key adds no permission."
  }
  assert {
    condition = (
      length(aws_s3_object.event_position) == 0 &&
      !contains(keys(aws_lambda_function.this["controller"].environment[0].variables), "EVENT_BUS") &&
      !anytrue([for document in data.aws_iam_policy_document.function : anytrue([for statement in document.statement : contains(statement.actions, "events:PutEvents")])])
    )
    error_message = "Without a bus, no function sends events."
  }
  assert {
    condition     = alltrue([for role in aws_iam_role.function : role.permissions_boundary == null && role.path == "/"])
    error_message = "Roles have neither boundary nor path."
  }
  assert {
    condition     = one(one(aws_s3_bucket_server_side_encryption_configuration.sources.rule).apply_server_side_encryption_by_default).sse_algorithm == "AES256"
    error_message = "Without a key, S3 encrypts the document with its own."
  }
  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.this : length(alarm.alarm_actions) == 0])
    error_message = "Empty ARNs get no alarm."
  }
}

run "null_counts_as_unset" {
  command = plan
  variables {
    sources                       = "sources: []"
    secrets                       = null
    secrets_kms_key_arns          = null
    kms_key_arn                   = null
    tags                          = null
    package_type                  = null
    image_uri                     = null
    package                       = null
    webhooks_package              = null
    timeout_seconds               = null
    memory_size                   = null
    ephemeral_storage_mb          = null
    reserved_concurrency          = null
    webhooks_reserved_concurrency = null
    vpc_config                    = null
    schedule_enabled              = null
    overdue_minutes               = null
    event_bus_name                = null
    proof_kms_key_arn             = null
    tls_only                      = null
    permissions_boundary          = null
    role_path                     = null
    log_kms_key_arn               = null
    environment_kms_key_arn       = null
    tracing                       = null
    log_level                     = null
    log_retention_days            = null
    alarm_topic_arn               = null
    alarm_actions                 = null
  }

  assert {
    condition = (
      aws_lambda_function.this["controller"].timeout == 900 &&
      aws_lambda_function.this["controller"].memory_size == 1024 &&
      aws_lambda_function.this["controller"].reserved_concurrent_executions == -1 &&
      aws_scheduler_schedule.minute.state == "ENABLED"
    )
    error_message = "Null selects the default."
  }
}

run "the_schedule_sends_its_minute" {
  command = plan

  assert {
    condition = (
      aws_scheduler_schedule.minute.schedule_expression == "rate(1 minute)" &&
      aws_scheduler_schedule.minute.state == "ENABLED" &&
      strcontains(aws_scheduler_schedule.minute.target[0].input, "<aws.scheduler.scheduled-time>") &&
      jsondecode(aws_scheduler_schedule.minute.target[0].input).action == "schedule"
    )
    error_message = "The Scheduler replaces its placeholder in the event with the time."
  }
}

run "only_one_route_leads_in" {
  command = plan

  assert {
    condition = (
      aws_apigatewayv2_route.webhooks[0].route_key == "POST /webhooks/{source}" &&
      aws_apigatewayv2_integration.webhooks[0].payload_format_version == "2.0"
    )
    error_message = "Only deliveries reach the function."
  }
}

run "without_webhooks_nothing_faces_the_internet" {
  command = plan
  variables {
    sources = "{\"sources\": [{\"name\": \"public\", \"repository\": \"https://github.com/acme/prompts\"}]}"
    secrets = {}
  }

  assert {
    condition     = keys(aws_lambda_function.this) == ["controller"] && length(aws_apigatewayv2_api.webhooks) == 0
    error_message = "Without a webhook in the sources there is neither an API nor its function."
  }
  assert {
    condition     = length(output.prompt_webhook_urls) == 0 && output.prompt_webhooks_lambda_name == null
    error_message = "The outputs are empty."
  }
}

run "an_empty_list_of_sources_is_valid" {
  command = plan
  variables { sources = "sources: []" }

  assert {
    condition     = length(local.variables_without_secret) == 0
    error_message = "An environment may start without sources."
  }
}

run "a_secret_without_an_arn_is_refused_while_planning" {
  command = plan
  variables {
    sources = <<-EOT
      sources:
        - { name: a, repository: acme/a, credentials: { appId: 1, privateKeyEnv: APP_KEY } }
    EOT
  }

  expect_failures = [aws_s3_object.sources]
}

run "an_image_comes_from_its_uri" {
  command = plan
  variables {
    package_type = "image"
    image_uri    = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/prompt-controller:1.0.0"
  }

  assert {
    condition = (
      aws_lambda_function.this["controller"].package_type == "Image" &&
      aws_lambda_function.this["controller"].image_uri == var.image_uri &&
      aws_lambda_function.this["controller"].ephemeral_storage[0].size == 2048 &&
      aws_lambda_function.this["webhooks"].package_type == "Zip"
    )
    error_message = "The controller uses the image; the webhooks function needs no git."
  }
}

run "an_image_needs_a_uri" {
  command = plan
  variables { package_type = "image" }

  expect_failures = [aws_lambda_function.this]
}

run "an_image_excludes_a_package" {
  command = plan
  variables {
    package_type = "image"
    image_uri    = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/prompt-controller:1.0.0"
    package      = { s3_bucket = "artifacts", s3_key = "controller.zip" }
  }

  expect_failures = [aws_lambda_function.this]
}

run "packages_in_s3_are_the_code" {
  command = plan
  variables {
    package          = { s3_bucket = "artifacts", s3_key = "controller.zip", s3_object_version = "v1" }
    webhooks_package = { s3_bucket = "artifacts", s3_key = "webhooks.zip" }
  }

  assert {
    condition = alltrue([for role, function in aws_lambda_function.this : alltrue([
      function.s3_bucket == "artifacts", function.s3_key == "${role}.zip", function.filename == null,
    ])])
    error_message = "Each function takes its code from its object."
  }
  assert {
    condition     = aws_lambda_function.this["controller"].s3_object_version == "v1"
    error_message = "The object version is the given one."
  }
}

run "concurrency_is_reserved_by_function" {
  command = plan
  variables {
    reserved_concurrency          = 5
    webhooks_reserved_concurrency = 3
  }

  assert {
    condition = (
      aws_lambda_function.this["controller"].reserved_concurrent_executions == 5 &&
      aws_lambda_function.this["webhooks"].reserved_concurrent_executions == 3
    )
    error_message = "Each function has its share."
  }
}

run "events_go_to_one_bus" {
  command = plan
  variables {
    event_bus_name = "platform"
    kms_key_arn    = "arn:aws:kms:eu-central-1:123456789012:key/a"
  }

  assert {
    condition = (
      aws_lambda_function.this["controller"].environment[0].variables.EVENT_BUS == "platform" &&
      !contains(keys(aws_lambda_function.this["webhooks"].environment[0].variables), "EVENT_BUS")
    )
    error_message = "Only the controller sends events."
  }
  assert {
    condition = alltrue([for role, document in data.aws_iam_policy_document.function : (
      join(" ", flatten([for statement in document.statement : tolist(statement.resources) if contains(statement.actions, "events:PutEvents")]))
      == (role == "controller" ? "arn:aws:events:eu-central-1:123456789012:event-bus/platform" : "")
    )])
    error_message = "The controller may put events on this bus, and nobody else on any."
  }
  assert {
    condition = alltrue([for role, document in data.aws_iam_policy_document.function : (
      length([for statement in document.statement : statement if contains(statement.actions, "s3:PutObject")]) == (role == "controller" ? 1 : 0) &&
      length([for statement in document.statement : statement if contains(statement.actions, "kms:GenerateDataKey")]) == (role == "controller" ? 1 : 0)
    )])
    error_message = "Only the controller may write, and encrypt what it writes."
  }
  assert {
    condition     = aws_s3_object.event_position[0].key == "events/position.json" && aws_s3_object.event_position[0].content == "null"
    error_message = "The position begins as null."
  }
}

run "only_the_controller_signs_sets" {
  command = plan
  variables {
    proof_kms_key_arn = "arn:aws:kms:eu-central-1:123456789012:key/proof"
  }

  assert {
    condition = (
      aws_lambda_function.this["controller"].environment[0].variables.PROOF_KMS_KEY == "arn:aws:kms:eu-central-1:123456789012:key/proof" &&
      !contains(keys(aws_lambda_function.this["webhooks"].environment[0].variables), "PROOF_KMS_KEY")
    )
    error_message = "Only the controller knows the key."
  }
  assert {
    condition = alltrue([for role, document in data.aws_iam_policy_document.function : (
      join(" ", flatten([for statement in document.statement : tolist(statement.resources) if contains(statement.actions, "kms:Sign")]))
      == (role == "controller" ? "arn:aws:kms:eu-central-1:123456789012:key/proof" : "")
    )])
    error_message = "The controller may sign with this key, and nobody else with any."
  }
}

run "the_document_names_the_key_too" {
  command = plan
  variables {
    sources = "{ sources: [], proof: { kms: \"arn:aws:kms:eu-central-1:123456789012:key/named\" } }"
  }

  assert {
    condition = (
      join(" ", flatten([for statement in data.aws_iam_policy_document.function["controller"].statement : tolist(statement.resources) if contains(statement.actions, "kms:Sign")]))
      == "arn:aws:kms:eu-central-1:123456789012:key/named"
    )
    error_message = "The controller may sign with the key of the document."
  }
}

run "a_proof_key_without_an_arn_is_refused_while_planning" {
  command = plan
  variables {
    sources = "{ sources: [], proof: { keyEnv: RELEASE_KEY } }"
  }

  expect_failures = [aws_s3_object.sources]
}

run "a_vpc_needs_permissions_that_the_code_does_not_get" {
  command = plan
  variables { vpc_config = { subnet_ids = ["subnet-1"], security_group_ids = ["sg-1"] } }

  assert {
    condition     = alltrue([for function in aws_lambda_function.this : tolist(function.vpc_config[0].subnet_ids) == tolist(["subnet-1"])])
    error_message = "Both functions are attached to the VPC."
  }
  assert {
    condition = alltrue([for document in data.aws_iam_policy_document.function : (
      [for statement in document.statement : coalesce(statement.effect, "Allow") if contains(statement.actions, "ec2:CreateNetworkInterface")] == ["Allow", "Deny"]
    )])
    error_message = "Lambda may create network interfaces, but the code may not."
  }
}

run "requirements_of_an_organisation_are_met" {
  command = plan
  variables {
    permissions_boundary    = "arn:aws:iam::123456789012:policy/boundary"
    role_path               = "/platform/"
    log_kms_key_arn         = "arn:aws:kms:eu-central-1:123456789012:key/logs"
    environment_kms_key_arn = "arn:aws:kms:eu-central-1:123456789012:key/environment"
  }

  assert {
    condition = alltrue([
      for role in concat(values(aws_iam_role.function), [aws_iam_role.schedule]) :
      role.permissions_boundary == var.permissions_boundary && role.path == "/platform/"
    ])
    error_message = "Every role has the boundary and the path."
  }
  assert {
    condition     = alltrue([for group in aws_cloudwatch_log_group.function : group.kms_key_id == var.log_kms_key_arn])
    error_message = "Every log group has the key."
  }
  assert {
    condition     = alltrue([for function in aws_lambda_function.this : function.kms_key_arn == var.environment_kms_key_arn])
    error_message = "Both functions have the key."
  }
}

run "too_many_secrets_are_refused_while_planning" {
  command = plan
  variables {
    secrets = merge(
      { SUPPORT_TOKEN = "arn:aws:ssm:eu-central-1:123456789012:parameter/token", SUPPORT_HOOK = "arn:aws:ssm:eu-central-1:123456789012:parameter/hook" },
      { for number in range(40) : "TOKEN_${number}" => "arn:aws:secretsmanager:eu-central-1:123456789012:secret:token-${number}-AbCdEf" },
    )
  }

  expect_failures = [aws_lambda_function.this["controller"]]
}

run "silence_is_an_alarm" {
  command = plan
  variables {
    overdue_minutes = 30
    alarm_topic_arn = "arn:aws:sns:eu-central-1:123456789012:alarms"
  }

  assert {
    condition = (
      aws_cloudwatch_metric_alarm.this["acme-dev-prompt-controller-overdue"].treat_missing_data == "breaching" &&
      aws_cloudwatch_metric_alarm.this["acme-dev-prompt-controller-overdue"].threshold == 1800
    )
    error_message = "No complete pass for too long is an alarm, and so is missing data."
  }
  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.this : tolist(alarm.alarm_actions) == tolist(alarm.ok_actions) && length(alarm.alarm_actions) == 1])
    error_message = "The topic receives each alarm and its end."
  }
}

run "the_longest_prefix_leaves_room_in_every_name" {
  command = plan
  variables {
    resource_prefix = "a-prefix-with-exactly-thirty-c"
    environment     = "production"
  }

  assert {
    condition = (
      alltrue([for function in aws_lambda_function.this : length(function.function_name) <= 64]) &&
      alltrue([for role in aws_iam_role.function : length(role.name) <= 64]) &&
      length(aws_iam_role.schedule.name) <= 64 && length(aws_scheduler_schedule.minute.name) <= 64 &&
      length(aws_s3_bucket.sources.bucket) <= 63 && length(aws_sqs_queue.dead_letters.name) <= 80
    )
    error_message = "AWS would refuse a name."
  }
}

run "every_input_is_checked" {
  command = plan
  variables {
    resource_prefix               = "a-prefix-with-more-than-thirty-letters"
    environment                   = "prod"
    registry_function_name        = "arn:aws:lambda:eu-central-1:123456789012:function:registry"
    registry_function_arn         = "arn:aws:lambda:eu-central-1:123456789012:function:registry:1"
    sources                       = "sources: [{ repository: acme/a }]"
    secrets                       = { TOKEN = "ghp_0123456789" }
    secrets_kms_key_arns          = ["alias/secrets"]
    kms_key_arn                   = "alias/sources"
    package_type                  = "docker"
    image_uri                     = "prompt-controller"
    timeout_seconds               = 901
    memory_size                   = 128
    ephemeral_storage_mb          = 100
    package                       = { s3_bucket = "", s3_key = "controller.zip" }
    webhooks_package              = { s3_bucket = "artifacts", s3_key = "" }
    reserved_concurrency          = 1
    webhooks_reserved_concurrency = -2
    vpc_config                    = { subnet_ids = [], security_group_ids = ["sg-1"] }
    permissions_boundary          = "boundary"
    role_path                     = "platform/"
    log_kms_key_arn               = "alias/logs"
    environment_kms_key_arn       = "alias/environment"
    overdue_minutes               = 1
    event_bus_name                = "arn:aws:events:eu-central-1:123456789012:event-bus/default"
    proof_kms_key_arn             = "alias/proof"
    log_level                     = "VERBOSE"
    log_retention_days            = 31
    alarm_topic_arn               = "alarms"
    alarm_actions                 = ["alarms"]
  }

  expect_failures = [
    var.resource_prefix,
    var.environment,
    var.registry_function_name,
    var.registry_function_arn,
    var.sources,
    var.secrets,
    var.secrets_kms_key_arns,
    var.kms_key_arn,
    var.package_type,
    var.image_uri,
    var.timeout_seconds,
    var.memory_size,
    var.ephemeral_storage_mb,
    var.package,
    var.webhooks_package,
    var.reserved_concurrency,
    var.webhooks_reserved_concurrency,
    var.vpc_config,
    var.permissions_boundary,
    var.role_path,
    var.log_kms_key_arn,
    var.environment_kms_key_arn,
    var.overdue_minutes,
    var.event_bus_name,
    var.proof_kms_key_arn,
    var.log_level,
    var.log_retention_days,
    var.alarm_topic_arn,
    var.alarm_actions,
  ]
}

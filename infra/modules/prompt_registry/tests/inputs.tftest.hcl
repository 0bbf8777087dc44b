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
  resource_prefix    = "acme"
  environment        = "dev"
  prompt_table_name  = "prompts"
  prompt_table_arn   = "arn:aws:dynamodb:eu-central-1:123456789012:table/prompts"
  prompt_bucket_name = "acme-prompts"
  prompt_bucket_arn  = "arn:aws:s3:::acme-prompts"
}

run "the_required_inputs_are_enough" {
  command = plan

  assert {
    condition     = aws_lambda_function.this["writer"].function_name == "acme-dev-prompt-registry"
    error_message = "The writer has the name that the platform expects."
  }
  assert {
    condition     = aws_lambda_function.this["reader"].function_name == "acme-dev-prompt-registry-reader"
    error_message = "The reader is named after the writer."
  }
  assert {
    condition = alltrue([for function in aws_lambda_function.this : alltrue([
      function.runtime == "nodejs22.x",
      function.architectures == tolist(["arm64"]),
      function.memory_size == 512,
      function.tracing_config[0].mode == "Active",
      function.environment[0].variables.DYNAMODB_TABLE == "prompts",
      function.environment[0].variables.S3_BUCKET == "acme-prompts",
    ])])
    error_message = "Both functions run Node 22 on arm64 with 512 MB and know table and bucket."
  }
  assert {
    condition = (
      aws_lambda_function.this["writer"].environment[0].variables.READ_ONLY == "false" &&
      aws_lambda_function.this["reader"].environment[0].variables.READ_ONLY == "true"
    )
    error_message = "Only the reader is read only."
  }
  assert {
    condition     = alltrue([for url in aws_lambda_function_url.this : url.authorization_type == "AWS_IAM"])
    error_message = "Function URLs require IAM."
  }
  assert {
    condition     = length(aws_ssm_parameter.url) == 0 && length(aws_codebuild_project.build) == 0
    error_message = "There are no SSM parameter and CodeBuild project by default."
  }
  assert {
    condition = alltrue([
      for alarm in aws_cloudwatch_metric_alarm.function : length(alarm.alarm_actions) == 0
    ]) && length(aws_cloudwatch_metric_alarm.function) == 6
    error_message = "Three alarms watch each function, without an action by default."
  }
}

run "an_empty_string_counts_as_unset" {
  command = plan
  variables {
    storage_kms_key_arn     = ""
    data_kms_key_arn        = ""
    ssm_prefix              = ""
    primary_endpoint        = ""
    deprecated_pins         = ""
    changed_inputs          = ""
    emergency_kms_key_arn   = ""
    adopt_schedule          = ""
    permissions_boundary    = ""
    role_path               = ""
    log_kms_key_arn         = ""
    environment_kms_key_arn = ""
    log_level               = ""
    alarm_topic_arn         = ""
    # Lists and attributes of objects.
    alarm_actions = [""]
    allowed_modes = [""]
    vpc_config    = { subnet_ids = [], security_group_ids = [] }
    package       = { s3_bucket = "artifacts", s3_key = "registry.zip", s3_object_version = "" }
    codebuild     = { location = "https://github.com/acme/prompt-registry.git", type = "", version = "" }
  }

  assert {
    condition     = length(local.data_keys) == 0 && length(local.storage_keys) == 0 && length(aws_ssm_parameter.url) == 0
    error_message = "Neither keys nor a parameter come from empty strings."
  }
  assert {
    condition = alltrue([for function in aws_lambda_function.this : alltrue([
      function.environment[0].variables.ALLOWED_MODES == "simulation,dev,staging,production",
      function.environment[0].variables.DEPRECATED_PINS == "serve",
      function.environment[0].variables.CHANGED_INPUTS == "report",
      function.environment[0].variables.LOG_LEVEL == "INFO",
    ])])
    error_message = "An empty string selects the default."
  }
  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.function : length(alarm.alarm_actions) == 0])
    error_message = "Empty ARNs get no alarm."
  }
  assert {
    condition = alltrue([for function in aws_lambda_function.this : alltrue([
      function.kms_key_arn == null, function.s3_object_version == null, length(function.vpc_config) == 0,
    ])])
    error_message = "Neither a key, nor an object version, nor a VPC come from empty values."
  }
  assert {
    condition     = alltrue([for role in aws_iam_role.function : role.permissions_boundary == null && role.path == "/"])
    error_message = "Roles have neither boundary nor path."
  }
  assert {
    condition     = length(aws_scheduler_schedule.adopt) == 0 && output.prompt_registry_lambda_name == "acme-dev-prompt-registry"
    error_message = "Nothing is adopted by schedule, and the writer is the primary endpoint."
  }
  assert {
    condition     = aws_codebuild_project.build["deploy"].source[0].type == "GITHUB" && aws_codebuild_project.build["deploy"].source_version == "main"
    error_message = "CodeBuild has its defaults."
  }
}

run "null_counts_as_unset" {
  command = plan
  variables {
    storage_kms_key_arn         = null
    data_kms_key_arn            = null
    tags                        = null
    ssm_prefix                  = null
    primary_endpoint            = null
    allowed_modes               = null
    deprecated_pins             = null
    changed_inputs              = null
    reads_sample_rate           = null
    emergency_kms_key_arn       = null
    adopt_schedule              = null
    memory_size                 = null
    writer_timeout_seconds      = null
    reader_timeout_seconds      = null
    reserved_concurrency        = null
    writer_reserved_concurrency = null
    reader_reserved_concurrency = null
    package                     = null
    vpc_config                  = null
    permissions_boundary        = null
    role_path                   = null
    log_kms_key_arn             = null
    environment_kms_key_arn     = null
    tracing                     = null
    log_level                   = null
    log_retention_days          = null
    alarm_topic_arn             = null
    alarm_actions               = null
    codebuild                   = null
  }

  assert {
    condition = alltrue([for role, function in aws_lambda_function.this : alltrue([
      function.timeout == { writer = 30, reader = 10 }[role],
      function.memory_size == 512,
      function.reserved_concurrent_executions == -1,
      function.environment[0].variables.LOG_LEVEL == "INFO",
      function.tracing_config[0].mode == "Active",
    ])])
    error_message = "Null selects the default."
  }
}

run "dev_serves_every_mode" {
  command = plan

  assert {
    condition     = aws_lambda_function.this["reader"].environment[0].variables.ALLOWED_MODES == "simulation,dev,staging,production"
    error_message = "In dev, drafts can be seen."
  }
}

run "staging_serves_no_drafts" {
  command = plan
  variables {
    environment      = "staging"
    primary_endpoint = "reader"
  }

  assert {
    condition     = alltrue([for function in aws_lambda_function.this : function.environment[0].variables.ALLOWED_MODES == "staging,production"])
    error_message = "In staging, only modes without drafts are served."
  }
}

run "production_serves_no_drafts" {
  command = plan
  variables {
    environment      = "production"
    primary_endpoint = "reader"
  }

  assert {
    condition     = alltrue([for function in aws_lambda_function.this : function.environment[0].variables.ALLOWED_MODES == "staging,production"])
    error_message = "In production, only modes without drafts are served."
  }
}

run "modes_can_be_chosen" {
  command = plan
  variables {
    environment      = "production"
    primary_endpoint = "reader"
    allowed_modes    = ["production"]
  }

  assert {
    condition     = aws_lambda_function.this["reader"].environment[0].variables.ALLOWED_MODES == "production"
    error_message = "allowed_modes overrides the default of the environment."
  }
}

run "tracing_can_be_left_to_the_caller" {
  command = plan
  variables { tracing = false }

  assert {
    condition     = alltrue([for function in aws_lambda_function.this : function.tracing_config[0].mode == "PassThrough"])
    error_message = "Without tracing, only requests that are already traced are traced."
  }
}

run "the_parameter_is_where_the_platform_looks" {
  command = plan
  variables { ssm_prefix = "/acme/dev/" }

  assert {
    condition     = aws_ssm_parameter.url[0].name == "/acme/dev/prompt-registry/url"
    error_message = "The SSM parameter is /{ssm_prefix}/prompt-registry/url, for any spelling of the prefix."
  }
}

run "primary_endpoint_selects_the_reader" {
  command = plan
  variables {
    environment      = "production"
    primary_endpoint = "reader"
    ssm_prefix       = "acme/production"
  }

  assert {
    condition     = output.prompt_registry_lambda_name == "acme-production-prompt-registry-reader"
    error_message = "The platform's outputs are the reader's."
  }
  assert {
    condition = (
      output.prompt_registry_writer_lambda_name == "acme-production-prompt-registry" &&
      output.prompt_registry_reader_lambda_name == "acme-production-prompt-registry-reader"
    )
    error_message = "Both functions have outputs of their own."
  }
  assert {
    condition     = strcontains(aws_ssm_parameter.url[0].description, "acme-production-prompt-registry-reader.")
    error_message = "The parameter has the URL of the same function."
  }
}

run "the_writer_as_primary_endpoint_warns_in_staging" {
  command = plan
  variables { environment = "staging" }

  expect_failures = [check.agents_get_the_reader]
}

run "the_writer_as_primary_endpoint_warns_in_production" {
  command = plan
  variables { environment = "production" }

  expect_failures = [check.agents_get_the_reader]
}

run "concurrency_is_reserved_for_both_or_for_one" {
  command = plan
  variables {
    reserved_concurrency        = 20
    writer_reserved_concurrency = 0
  }

  assert {
    condition = (
      aws_lambda_function.this["writer"].reserved_concurrent_executions == 0 &&
      aws_lambda_function.this["reader"].reserved_concurrent_executions == 20
    )
    error_message = "The writer can be stopped alone, and the reader has its share."
  }
}

run "a_package_in_s3_is_the_code" {
  command = plan
  variables { package = { s3_bucket = "artifacts", s3_key = "registry.zip", s3_object_version = "v1" } }

  assert {
    condition = alltrue([for function in aws_lambda_function.this : alltrue([
      function.s3_bucket == "artifacts", function.s3_key == "registry.zip", function.s3_object_version == "v1",
      function.filename == null,
    ])])
    error_message = "Both functions take their code from the object."
  }
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
    memory_size             = 1024
    adopt_schedule          = "rate(1 hour)"
    codebuild               = { location = "https://github.com/acme/prompt-registry.git" }
  }

  assert {
    condition = alltrue([
      for role in concat(values(aws_iam_role.function), values(aws_iam_role.build), aws_iam_role.adopt) :
      role.permissions_boundary == var.permissions_boundary && role.path == "/platform/"
    ])
    error_message = "Every role has the boundary and the path."
  }
  assert {
    condition     = alltrue([for group in concat(values(aws_cloudwatch_log_group.function), values(aws_cloudwatch_log_group.build)) : group.kms_key_id == var.log_kms_key_arn])
    error_message = "Every log group has the key."
  }
  assert {
    condition     = alltrue([for function in aws_lambda_function.this : function.kms_key_arn == var.environment_kms_key_arn && function.memory_size == 1024])
    error_message = "Both functions have the key and the memory."
  }
}

run "adoption_by_schedule_asks_the_writer" {
  command = plan
  variables { adopt_schedule = "rate(1 hour)" }

  assert {
    condition = (
      aws_scheduler_schedule.adopt[0].schedule_expression == "rate(1 hour)" &&
      jsondecode(aws_scheduler_schedule.adopt[0].target[0].input) == { action = "adopt" }
    )
    error_message = "The schedule sends the event that the writer knows."
  }
}

run "adoption_needs_time" {
  command = plan
  variables {
    adopt_schedule         = "rate(1 hour)"
    writer_timeout_seconds = 5
  }

  expect_failures = [aws_scheduler_schedule.adopt]
}

run "the_longest_prefix_leaves_room_in_every_name" {
  command = plan
  variables {
    resource_prefix  = "a-prefix-with-exactly-thirty-c"
    environment      = "production"
    primary_endpoint = "reader"
    adopt_schedule   = "rate(1 hour)"
    codebuild        = { location = "https://github.com/acme/prompt-registry.git" }
  }

  assert {
    condition = alltrue([
      for name in concat(
        values(aws_lambda_function.this)[*].function_name, values(aws_iam_role.function)[*].name,
        values(aws_iam_role.build)[*].name, aws_iam_role.adopt[*].name, aws_scheduler_schedule.adopt[*].name,
      ) : length(name) <= 64
    ])
    error_message = "AWS would refuse a name."
  }
}

run "a_given_key_wins" {
  command = plan
  variables {
    data_kms_key_arn    = "arn:aws:kms:eu-central-1:123456789012:key/given"
    storage_kms_key_arn = "arn:aws:kms:eu-central-1:123456789012:key/of-the-bucket"
  }

  assert {
    condition = (
      local.data_keys == ["arn:aws:kms:eu-central-1:123456789012:key/given"] &&
      local.storage_keys == ["arn:aws:kms:eu-central-1:123456789012:key/of-the-bucket"]
    )
    error_message = "A given key is used unchanged."
  }
}

# A mocked table has no key. The end-to-end test in test/infra checks that the key of a real table is found.
run "a_key_of_aws_needs_no_permission" {
  command = plan

  assert {
    condition     = length(local.data_keys) == 0 && length(local.storage_keys) == 0
    error_message = "A table encrypted with a key of AWS needs no key permission."
  }
}

run "only_the_writer_signs_changes_by_hand" {
  command = plan
  variables {
    emergency_kms_key_arn = "arn:aws:kms:eu-central-1:123456789012:key/emergency"
  }

  assert {
    condition = (
      aws_lambda_function.this["writer"].environment[0].variables.EMERGENCY_KEY == "arn:aws:kms:eu-central-1:123456789012:key/emergency" &&
      !contains(keys(aws_lambda_function.this["reader"].environment[0].variables), "EMERGENCY_KEY")
    )
    error_message = "Only the writer knows the key."
  }
  assert {
    condition = alltrue([for role, document in data.aws_iam_policy_document.function : (
      join(" ", flatten([for statement in document.statement : tolist(statement.resources) if contains(statement.actions, "kms:Sign")]))
      == (role == "writer" ? "arn:aws:kms:eu-central-1:123456789012:key/emergency" : "")
    )])
    error_message = "The writer may sign with this key, and nobody else with any."
  }
}

run "the_reader_writes_only_counted_reads" {
  command = plan

  assert {
    condition = flatten([
      for statement in data.aws_iam_policy_document.function["reader"].statement : [
        for condition in statement.condition : tolist(condition.values)
      ] if contains(statement.actions, "dynamodb:UpdateItem")
    ]) == ["#reads#*", "false"]
    error_message = "The reader may update rows below #reads# and no others."
  }
  assert {
    condition = alltrue([for statement in data.aws_iam_policy_document.function["reader"].statement : (
      length(setintersection(statement.actions, ["dynamodb:PutItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem"])) == 0
    )])
    error_message = "The reader has no other action that writes."
  }
}

run "without_counting_the_reader_writes_nothing" {
  command = plan
  variables {
    reads_sample_rate = 0
  }

  assert {
    condition = alltrue([
      for statement in data.aws_iam_policy_document.function["reader"].statement : !contains(statement.actions, "dynamodb:UpdateItem")
    ])
    error_message = "Nothing is counted, so nothing is written."
  }
}

run "alarms_reach_the_topic_and_every_action" {
  command = plan
  variables {
    alarm_topic_arn = "arn:aws:sns:eu-central-1:123456789012:alarms"
    alarm_actions   = ["arn:aws:sns:eu-central-1:123456789012:alarms", "arn:aws:lambda:eu-central-1:123456789012:function:pager"]
  }

  assert {
    condition = alltrue([
      for alarm in aws_cloudwatch_metric_alarm.function :
      tolist(alarm.alarm_actions) == tolist(alarm.ok_actions) && length(alarm.alarm_actions) == 2
    ])
    error_message = "Each action starts once when an alarm goes off, and once when it ends."
  }
}

run "codebuild_builds_this_repository" {
  command = plan
  variables { codebuild = { location = "https://github.com/acme/prompt-registry.git", version = "v1.0.0" } }

  assert {
    condition = (
      aws_codebuild_project.build["deploy"].source[0].buildspec == "infra/buildspec.yml" &&
      aws_codebuild_project.build["deploy"].source_version == "v1.0.0"
    )
    error_message = "CodeBuild builds the given version with the buildspec of the repository."
  }
}

run "codebuild_deploys_a_controller_too" {
  command = plan
  variables {
    codebuild = {
      location = "https://github.com/acme/prompt-registry.git"
      also     = { controller = "arn:aws:lambda:eu-central-1:123456789012:function:acme-dev-prompt-controller", webhooks = null }
    }
  }

  assert {
    condition = { for variable in aws_codebuild_project.build["deploy"].environment[0].environment_variable : variable.name => variable.value } == {
      READER_FUNCTION     = "acme-dev-prompt-registry-reader"
      WRITER_FUNCTION     = "acme-dev-prompt-registry"
      CONTROLLER_FUNCTION = "arn:aws:lambda:eu-central-1:123456789012:function:acme-dev-prompt-controller"
    }
    error_message = "The build knows only the functions that exist."
  }
}

run "every_input_is_checked" {
  command = plan
  variables {
    resource_prefix             = "a-prefix-with-more-than-thirty-letters"
    environment                 = "prod"
    prompt_table_name           = "arn:aws:dynamodb:eu-central-1:123456789012:table/prompts"
    prompt_table_arn            = "prompts"
    prompt_bucket_name          = "arn:aws:s3:::acme-prompts"
    prompt_bucket_arn           = "arn:aws:s3:::acme-prompts/*"
    storage_kms_key_arn         = "alias/prompts"
    data_kms_key_arn            = "arn:aws:kms:eu-central-1:123456789012:alias/prompts"
    ssm_prefix                  = "acme dev"
    primary_endpoint            = "both"
    allowed_modes               = ["live"]
    deprecated_pins             = "warn"
    changed_inputs              = "warn"
    reads_sample_rate           = 1.5
    emergency_kms_key_arn       = "alias/emergency"
    adopt_schedule              = "hourly"
    memory_size                 = 64
    writer_timeout_seconds      = 901
    reader_timeout_seconds      = 0
    reserved_concurrency        = -2
    writer_reserved_concurrency = -2
    reader_reserved_concurrency = 1.5
    package                     = { s3_bucket = "artifacts", s3_key = "" }
    vpc_config                  = { subnet_ids = ["subnet-1"], security_group_ids = [] }
    permissions_boundary        = "boundary"
    role_path                   = "platform"
    log_kms_key_arn             = "alias/logs"
    environment_kms_key_arn     = "alias/environment"
    log_level                   = "VERBOSE"
    log_retention_days          = 31
    alarm_topic_arn             = "alarms"
    alarm_actions               = ["alarms"]
    codebuild                   = { location = "git@github.com:acme/prompt-registry.git", type = "SVN", also = { registry = "arn" } }
  }

  expect_failures = [
    var.resource_prefix,
    var.environment,
    var.prompt_table_name,
    var.prompt_table_arn,
    var.prompt_bucket_name,
    var.prompt_bucket_arn,
    var.storage_kms_key_arn,
    var.data_kms_key_arn,
    var.ssm_prefix,
    var.primary_endpoint,
    var.allowed_modes,
    var.deprecated_pins,
    var.changed_inputs,
    var.reads_sample_rate,
    var.emergency_kms_key_arn,
    var.adopt_schedule,
    var.memory_size,
    var.writer_timeout_seconds,
    var.reader_timeout_seconds,
    var.reserved_concurrency,
    var.writer_reserved_concurrency,
    var.reader_reserved_concurrency,
    var.package,
    var.vpc_config,
    var.permissions_boundary,
    var.role_path,
    var.log_kms_key_arn,
    var.environment_kms_key_arn,
    var.log_level,
    var.log_retention_days,
    var.alarm_topic_arn,
    var.alarm_actions,
    var.codebuild,
  ]
}

# terraform test: what the inputs do to the plan, without an account. test/infra runs it, and holds the module to an
# emulator besides.

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

run "the_functions_have_what_they_need" {
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
    error_message = "Webhooks reach the controller by the alias that takes nothing but passes."
  }
  assert {
    condition = (
      jsondecode(aws_lambda_function.this["controller"].environment[0].variables.PROMPT_CONTROLLER_SECRETS) == { SUPPORT_TOKEN = var.secrets.SUPPORT_TOKEN } &&
      jsondecode(aws_lambda_function.this["webhooks"].environment[0].variables.PROMPT_CONTROLLER_SECRETS) == { SUPPORT_HOOK = var.secrets.SUPPORT_HOOK }
    )
    error_message = "Each function knows of its own secrets only."
  }
  assert {
    condition = (
      local.secret_arns == { controller = tolist(["arn:aws:secretsmanager:eu-central-1:123456789012:secret:github-AbCdEf"]), webhooks = tolist([]) } &&
      local.parameter_arns == { controller = tolist([]), webhooks = tolist([var.secrets.SUPPORT_HOOK]) }
    )
    error_message = "Each role may read its own secrets only, named without a key."
  }
}

run "the_schedule_says_which_minute_it_is_about" {
  command = plan

  assert {
    condition = (
      aws_scheduler_schedule.minute.schedule_expression == "rate(1 minute)" &&
      aws_scheduler_schedule.minute.state == "ENABLED" &&
      strcontains(aws_scheduler_schedule.minute.target[0].input, "<aws.scheduler.scheduled-time>") &&
      jsondecode(aws_scheduler_schedule.minute.target[0].input).action == "schedule"
    )
    error_message = "The Scheduler finds its own word in the event, and puts the time there."
  }
}

run "only_one_route_leads_in" {
  command = plan

  assert {
    condition = (
      aws_apigatewayv2_route.webhooks[0].route_key == "POST /webhooks/{source}" &&
      aws_apigatewayv2_integration.webhooks[0].payload_format_version == "2.0"
    )
    error_message = "Nothing but deliveries reaches the function."
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
    error_message = "The outputs say so."
  }
}

run "no_sources_are_sources_too" {
  command = plan
  variables { sources = "sources: []" }

  assert {
    condition     = length(local.variables_without_secret) == 0
    error_message = "An environment may begin without sources."
  }
}

run "a_secret_that_is_kept_nowhere_is_told_before_anything_is_made" {
  command = plan
  variables {
    sources = <<-EOT
      sources:
        - { name: a, repository: acme/a, credentials: { appId: 1, privateKeyEnv: APP_KEY } }
    EOT
  }

  expect_failures = [aws_s3_object.sources]
}

run "an_image_is_what_its_uri_says" {
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
    error_message = "The controller is the image; what takes webhooks needs no git."
  }
}

run "an_image_needs_a_uri" {
  command = plan
  variables { package_type = "image" }

  expect_failures = [aws_lambda_function.this]
}

run "too_many_secrets_are_told_before_anything_is_made" {
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
    error_message = "No complete pass for too long is an alarm, and so is nobody who could tell."
  }
  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.this : tolist(alarm.alarm_actions) == tolist(alarm.ok_actions) && length(alarm.alarm_actions) == 1])
    error_message = "The topic hears of each alarm and of its end."
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
    resource_prefix        = "a-prefix-with-more-than-thirty-letters"
    environment            = "prod"
    registry_function_name = "arn:aws:lambda:eu-central-1:123456789012:function:registry"
    registry_function_arn  = "arn:aws:lambda:eu-central-1:123456789012:function:registry:1"
    sources                = "sources: [{ repository: acme/a }]"
    secrets                = { TOKEN = "ghp_0123456789" }
    secrets_kms_key_arns   = ["alias/secrets"]
    kms_key_arn            = "alias/sources"
    package_type           = "docker"
    image_uri              = "prompt-controller"
    timeout_seconds        = 901
    memory_size            = 128
    ephemeral_storage_mb   = 100
    reserved_concurrency   = 1
    overdue_minutes        = 1
    log_level              = "VERBOSE"
    log_retention_days     = 31
    alarm_topic_arn        = "alarms"
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
    var.reserved_concurrency,
    var.overdue_minutes,
    var.log_level,
    var.log_retention_days,
    var.alarm_topic_arn,
  ]
}

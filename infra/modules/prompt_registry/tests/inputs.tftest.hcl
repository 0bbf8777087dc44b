# terraform test: what the inputs do to the plan, without an account. test/infra runs it, and holds the module to an
# emulator besides.

mock_provider "aws" {
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }
  mock_data "aws_region" {
    defaults = { id = "eu-central-1" }
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
    error_message = "Function URLs ask for IAM."
  }
  assert {
    condition     = length(aws_ssm_parameter.url) == 0 && length(aws_codebuild_project.build) == 0
    error_message = "There is no SSM parameter and no CodeBuild project unless asked for."
  }
  assert {
    condition = alltrue([
      for alarm in aws_cloudwatch_metric_alarm.function : length(alarm.alarm_actions) == 0
    ]) && length(aws_cloudwatch_metric_alarm.function) == 6
    error_message = "Three alarms watch each function, and tell nobody unless asked to."
  }
}

run "dev_answers_every_mode" {
  command = plan

  assert {
    condition     = aws_lambda_function.this["reader"].environment[0].variables.ALLOWED_MODES == "simulation,dev,staging,production"
    error_message = "In dev, drafts can be seen."
  }
}

run "staging_shows_no_draft" {
  command = plan
  variables { environment = "staging" }

  assert {
    condition     = alltrue([for function in aws_lambda_function.this : function.environment[0].variables.ALLOWED_MODES == "staging,production"])
    error_message = "In staging, only modes without drafts are answered."
  }
}

run "production_shows_no_draft" {
  command = plan
  variables { environment = "production" }

  assert {
    condition     = alltrue([for function in aws_lambda_function.this : function.environment[0].variables.ALLOWED_MODES == "staging,production"])
    error_message = "In production, only modes without drafts are answered."
  }
}

run "modes_can_be_chosen" {
  command = plan
  variables {
    environment   = "production"
    allowed_modes = ["production"]
  }

  assert {
    condition     = aws_lambda_function.this["reader"].environment[0].variables.ALLOWED_MODES == "production"
    error_message = "allowed_modes wins over what the environment would give."
  }
}

run "tracing_can_be_left_to_the_caller" {
  command = plan
  variables { tracing = false }

  assert {
    condition     = alltrue([for function in aws_lambda_function.this : function.tracing_config[0].mode == "PassThrough"])
    error_message = "Without tracing, only requests that are traced already are traced on."
  }
}

run "the_parameter_is_where_the_platform_looks" {
  command = plan
  variables { ssm_prefix = "/acme/dev/" }

  assert {
    condition     = aws_ssm_parameter.url[0].name == "/acme/dev/prompt-registry/url"
    error_message = "The SSM parameter is /{ssm_prefix}/prompt-registry/url, however the prefix is written."
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
    error_message = "A given key is used as it is."
  }
}

# A mocked table has no key. That the key of a real one is found, the end-to-end test in test/infra shows.
run "a_key_of_aws_needs_no_permission" {
  command = plan

  assert {
    condition     = length(local.data_keys) == 0 && length(local.storage_keys) == 0
    error_message = "A table that is encrypted with a key of AWS gives no permission on any key."
  }
}

run "alarms_tell_a_topic" {
  command = plan
  variables { alarm_topic_arn = "arn:aws:sns:eu-central-1:123456789012:alarms" }

  assert {
    condition = alltrue([
      for alarm in aws_cloudwatch_metric_alarm.function :
      tolist(alarm.alarm_actions) == tolist(alarm.ok_actions) && length(alarm.alarm_actions) == 1
    ])
    error_message = "The topic hears of the alarm and of its end."
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
    error_message = "The build knows the functions that are there, and no others."
  }
}

run "every_input_is_checked" {
  command = plan
  variables {
    resource_prefix        = "a-prefix-with-more-than-thirty-letters"
    environment            = "prod"
    prompt_table_name      = "arn:aws:dynamodb:eu-central-1:123456789012:table/prompts"
    prompt_table_arn       = "prompts"
    prompt_bucket_name     = "arn:aws:s3:::acme-prompts"
    prompt_bucket_arn      = "arn:aws:s3:::acme-prompts/*"
    storage_kms_key_arn    = "alias/prompts"
    data_kms_key_arn       = "arn:aws:kms:eu-central-1:123456789012:alias/prompts"
    ssm_prefix             = ""
    allowed_modes          = ["live"]
    deprecated_pins        = "warn"
    writer_timeout_seconds = 901
    reader_timeout_seconds = 0
    log_level              = "VERBOSE"
    log_retention_days     = 31
    alarm_topic_arn        = "alarms"
    codebuild              = { location = "git@github.com:acme/prompt-registry.git" }
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
    var.allowed_modes,
    var.deprecated_pins,
    var.writer_timeout_seconds,
    var.reader_timeout_seconds,
    var.log_level,
    var.log_retention_days,
    var.alarm_topic_arn,
    var.codebuild,
  ]
}

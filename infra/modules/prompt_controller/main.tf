# The controller consists of two functions. One syncs repositories into the registry; a schedule, itself and people
# start it. The other receives webhooks from the internet and can only request passes from the first one.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  name          = "${var.resource_prefix}-${var.environment}-prompt-controller"
  webhooks_name = "${var.resource_prefix}-${var.environment}-prompt-webhooks"
  function_arns = "arn:${data.aws_partition.current.partition}:lambda:${data.aws_region.current.id}:${data.aws_caller_identity.current.account_id}:function"

  # The entry point for webhooks. This alias accepts only requests for passes.
  passes     = "passes"
  passes_arn = "${local.function_arns}:${local.name}:${local.passes}"

  # The webhooks and credentials in the document decide which resources exist and who may read which secret.
  sources           = try(yamldecode(var.sources).sources, [])
  webhook_sources   = [for source in local.sources : source if try(source.webhook.secretEnv, null) != null]
  webhook_variables = flatten([for source in local.webhook_sources : [source.webhook.secretEnv, try(source.webhook.nextSecretEnv, [])]])

  # The key of the document signs if no other is given.
  document_key_arn = try(yamldecode(var.sources).proof.kms, null)
  signing_key_arn  = local.proof_kms_key_arn == null ? local.document_key_arn : local.proof_kms_key_arn

  secrets = {
    controller = { for variable, reference in var.secrets : variable => reference if !contains(local.webhook_variables, variable) }
    webhooks   = { for variable, reference in var.secrets : variable => reference if contains(local.webhook_variables, variable) }
  }

  functions = merge(
    {
      controller = {
        name        = local.name
        description = "Prompt Registry: brings git repositories into the registry"
        memory      = var.memory_size
        timeout     = var.timeout_seconds
        concurrency = var.reserved_concurrency
        image       = local.package_type == "image"
        variables = merge(
          {
            PROMPT_REGISTRY_FUNCTION = var.registry_function_name
            # git's cache is locked with SQLite. Without this, each cold start logs that SQLite in Node is
            # experimental.
            NODE_OPTIONS = "--disable-warning=ExperimentalWarning"
          },
          local.event_bus_name == null ? {} : { EVENT_BUS = local.event_bus_name },
          local.proof_kms_key_arn == null ? {} : { PROOF_KMS_KEY = local.proof_kms_key_arn },
        )
      }
    },
    length(local.webhook_sources) == 0 ? {} : {
      webhooks = {
        name        = local.webhooks_name
        description = "Prompt Registry: receives signed webhooks and asks the controller for a pass"
        memory      = 512
        timeout     = 15
        concurrency = var.webhooks_reserved_concurrency
        image       = false
        variables   = { CONTROLLER_FUNCTION = local.passes_arn }
      }
    },
  )
}

# The origin of the code. A change of it replaces the function, because otherwise the provider would overwrite
# deployed code with the placeholder.
resource "terraform_data" "code_from" {
  for_each = local.functions

  input = each.value.image ? "image" : contains(keys(local.packages), each.key) ? "s3" : "deployment"
}

resource "aws_lambda_function" "this" {
  for_each = local.functions

  function_name = each.value.name
  description   = each.value.description
  role          = aws_iam_role.function[each.key].arn
  architectures = ["arm64"]
  memory_size   = each.value.memory
  timeout       = each.value.timeout
  kms_key_arn   = local.environment_kms_key_arn
  tags          = var.tags

  reserved_concurrent_executions = each.value.concurrency

  # Without a package, the zip is a placeholder until the bundle is deployed. After that, Terraform leaves the code
  # alone.
  package_type      = each.value.image ? "Image" : "Zip"
  image_uri         = each.value.image ? local.image_uri : null
  runtime           = each.value.image ? null : "nodejs22.x"
  handler           = each.value.image ? null : "index.handler"
  filename          = terraform_data.code_from[each.key].input == "deployment" ? "${path.module}/placeholder.zip" : null
  source_code_hash  = terraform_data.code_from[each.key].input == "deployment" ? filebase64sha256("${path.module}/placeholder.zip") : null
  s3_bucket         = try(local.packages[each.key].s3_bucket, null)
  s3_key            = try(local.packages[each.key].s3_key, null)
  s3_object_version = try(local.packages[each.key].s3_object_version, null)

  # Size of /tmp, which an image uses for repositories.
  ephemeral_storage {
    size = each.value.image ? var.ephemeral_storage_mb : 512
  }

  environment {
    variables = merge(each.value.variables, {
      SOURCES_BUCKET            = aws_s3_bucket.sources.id
      SOURCES_KEY               = local.sources_key
      PROMPT_CONTROLLER_SECRETS = jsonencode(local.secrets[each.key])
      LOG_LEVEL                 = local.log_level
    })
  }

  dynamic "vpc_config" {
    for_each = local.vpc
    content {
      subnet_ids         = vpc_config.value.subnet_ids
      security_group_ids = vpc_config.value.security_group_ids
    }
  }

  tracing_config {
    mode = var.tracing ? "Active" : "PassThrough"
  }

  lifecycle {
    ignore_changes       = [filename, source_code_hash]
    replace_triggered_by = [terraform_data.code_from[each.key]]

    precondition {
      condition     = !each.value.image || local.image_uri != null
      error_message = "package_type \"image\" needs image_uri: build infra/Dockerfile and push it to a repository in ECR."
    }

    precondition {
      condition     = !each.value.image || !contains(keys(local.packages), each.key)
      error_message = "package_type \"image\" takes the code from image_uri. Leave package out."
    }

    # Lambda limits the whole environment to 4 KB, but reports it only on apply.
    precondition {
      condition     = length(jsonencode(local.secrets[each.key])) <= 3072
      error_message = "The ARNs of the secrets are too long for the environment of ${each.value.name}. Let sources share a variable, or a GitHub App."
    }
  }

  # Without its permissions the first invocation would fail, and Lambda could not write logs.
  depends_on = [aws_iam_role_policy.function]
}

resource "aws_lambda_alias" "passes" {
  name             = local.passes
  description      = "For webhooks: accepts events that ask for a pass, and no others"
  function_name    = aws_lambda_function.this["controller"].function_name
  function_version = "$LATEST"

  # AWS deletes the alias, the settings below and the permission in webhooks.tf together with the function. The ARN
  # stays the same, so only this trigger replaces them.
  lifecycle {
    replace_triggered_by = [aws_lambda_function.this["controller"].arn]
  }
}

# A pass that crashed is retried once. After that, the schedule starts the next one. Lambda keeps throttled events
# for at most this time.
resource "aws_lambda_function_event_invoke_config" "controller" {
  for_each = { unqualified = null, passes = aws_lambda_alias.passes.name }

  function_name                = aws_lambda_function.this["controller"].function_name
  qualifier                    = each.value
  maximum_retry_attempts       = 1
  maximum_event_age_in_seconds = 600

  lifecycle {
    replace_triggered_by = [aws_lambda_function.this["controller"].arn]
  }
}

# The controller as two functions: one brings repositories into the registry, started by a schedule, by itself and by
# people; the other takes webhooks from the internet and may do nothing but ask the first one for a pass.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  name          = "${var.resource_prefix}-${var.environment}-prompt-controller"
  webhooks_name = "${var.resource_prefix}-${var.environment}-prompt-webhooks"
  function_arns = "arn:${data.aws_partition.current.partition}:lambda:${data.aws_region.current.id}:${data.aws_caller_identity.current.account_id}:function"

  # The way in for webhooks: what comes through this alias may be a pass and nothing else.
  passes     = "passes"
  passes_arn = "${local.function_arns}:${local.name}:${local.passes}"

  # What the document says of webhooks and credentials decides what is made, and who may read which secret.
  sources           = try(yamldecode(var.sources).sources, [])
  webhook_sources   = [for source in local.sources : source if try(source.webhook.secretEnv, null) != null]
  webhook_variables = flatten([for source in local.webhook_sources : [source.webhook.secretEnv, try(source.webhook.nextSecretEnv, [])]])

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
        image       = var.package_type == "image"
        variables = {
          PROMPT_REGISTRY_FUNCTION = var.registry_function_name
          # git's cache is locked by SQLite, and each cold start would say in the log that Node's is new.
          NODE_OPTIONS = "--disable-warning=ExperimentalWarning"
        }
      }
    },
    length(local.webhook_sources) == 0 ? {} : {
      webhooks = {
        name        = local.webhooks_name
        description = "Prompt Registry: takes signed webhooks and asks the controller for a pass"
        memory      = 512
        timeout     = 15
        image       = false
        variables   = { CONTROLLER_FUNCTION = local.passes_arn }
      }
    },
  )
}

resource "aws_lambda_function" "this" {
  for_each = local.functions

  function_name = each.value.name
  description   = each.value.description
  role          = aws_iam_role.function[each.key].arn
  architectures = ["arm64"]
  memory_size   = each.value.memory
  timeout       = each.value.timeout
  tags          = var.tags

  reserved_concurrent_executions = each.key == "controller" ? var.reserved_concurrency : -1

  # As zip, a placeholder until the bundle is deployed; from then on the code belongs to whoever deploys it. An image
  # is what image_uri says.
  package_type     = each.value.image ? "Image" : "Zip"
  image_uri        = each.value.image ? var.image_uri : null
  runtime          = each.value.image ? null : "nodejs22.x"
  handler          = each.value.image ? null : "index.handler"
  filename         = each.value.image ? null : "${path.module}/placeholder.zip"
  source_code_hash = each.value.image ? null : filebase64sha256("${path.module}/placeholder.zip")

  # /tmp, where an image keeps repositories.
  ephemeral_storage {
    size = each.value.image ? var.ephemeral_storage_mb : 512
  }

  environment {
    variables = merge(each.value.variables, {
      SOURCES_BUCKET            = aws_s3_bucket.sources.id
      SOURCES_KEY               = local.sources_key
      PROMPT_CONTROLLER_SECRETS = jsonencode(local.secrets[each.key])
      LOG_LEVEL                 = var.log_level
    })
  }

  tracing_config {
    mode = var.tracing ? "Active" : "PassThrough"
  }

  lifecycle {
    ignore_changes = [filename, source_code_hash]

    precondition {
      condition     = !each.value.image || var.image_uri != null
      error_message = "package_type \"image\" needs image_uri: build infra/Dockerfile and push it to a repository in ECR."
    }

    # Lambda allows 4 KB for the whole environment, and would say so only when applying.
    precondition {
      condition     = length(jsonencode(local.secrets[each.key])) <= 3072
      error_message = "The ARNs of all secrets are too long for the environment of ${each.value.name}: let sources share a variable, or a GitHub App."
    }
  }

  # Without its permissions the first invocation would fail, and Lambda would drop its logs.
  depends_on = [aws_iam_role_policy.function]
}

resource "aws_lambda_alias" "passes" {
  name             = local.passes
  description      = "For webhooks: takes events that ask for a pass, and no others"
  function_name    = aws_lambda_function.this["controller"].function_name
  function_version = "$LATEST"
}

# A pass that crashed is started once more; after that the next one by schedule will do. Lambda holds events back for
# that long at most while too many functions run at once.
resource "aws_lambda_function_event_invoke_config" "controller" {
  for_each = { unqualified = null, passes = aws_lambda_alias.passes.name }

  function_name                = aws_lambda_function.this["controller"].function_name
  qualifier                    = each.value
  maximum_retry_attempts       = 1
  maximum_event_age_in_seconds = 600
}

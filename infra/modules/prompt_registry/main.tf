# The registry as two functions from one bundle: the writer, for the controller and for operators, and the reader,
# for agents. What tells them apart is their environment (READ_ONLY) and, whatever the code does, their role.

locals {
  name = "${var.resource_prefix}-${var.environment}-prompt-registry"

  functions = {
    writer = { name = local.name, timeout = var.writer_timeout_seconds, read_only = false }
    reader = { name = "${local.name}-reader", timeout = var.reader_timeout_seconds, read_only = true }
  }

  # Staging and production see the same, so refusing either of them would protect nothing and break an agent that
  # says the other.
  modes_of = {
    dev        = ["simulation", "dev", "staging", "production"]
    staging    = ["staging", "production"]
    production = ["staging", "production"]
  }
  allowed_modes = var.allowed_modes == null ? local.modes_of[var.environment] : var.allowed_modes
}

resource "aws_lambda_function" "this" {
  for_each = local.functions

  function_name = each.value.name
  description   = each.key == "reader" ? "Prompt Registry, read only: for agents" : "Prompt Registry, writing: for the controller and operators"
  role          = aws_iam_role.function[each.key].arn
  runtime       = "nodejs22.x"
  architectures = ["arm64"]
  handler       = "index.handler"
  memory_size   = 512
  timeout       = each.value.timeout
  tags          = var.tags

  # Answers 503 in words until the bundle is deployed. From then on the code belongs to whoever deploys it.
  filename         = "${path.module}/placeholder.zip"
  source_code_hash = filebase64sha256("${path.module}/placeholder.zip")

  environment {
    variables = {
      DYNAMODB_TABLE  = var.prompt_table_name
      S3_BUCKET       = var.prompt_bucket_name
      ALLOWED_MODES   = join(",", local.allowed_modes)
      READ_ONLY       = tostring(each.value.read_only)
      DEPRECATED_PINS = var.deprecated_pins
      LOG_LEVEL       = var.log_level
    }
  }

  tracing_config {
    mode = var.tracing ? "Active" : "PassThrough"
  }

  lifecycle {
    ignore_changes = [filename, source_code_hash]
  }

  # Without its permissions the first request would fail, and Lambda would drop its logs.
  depends_on = [aws_iam_role_policy.function]
}

resource "aws_lambda_function_url" "this" {
  for_each = local.functions

  function_name      = aws_lambda_function.this[each.key].function_name
  authorization_type = "AWS_IAM"
}

resource "aws_ssm_parameter" "url" {
  count = var.ssm_prefix == null ? 0 : 1

  name        = "/${trim(var.ssm_prefix, "/")}/prompt-registry/url"
  description = "URL of ${local.name}; requests are signed with SigV4 for the service lambda"
  type        = "String"
  value       = aws_lambda_function_url.this["writer"].function_url
  tags        = var.tags
}

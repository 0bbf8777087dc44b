# The registry consists of two functions from one bundle: the writer, for the controller and operators, and the
# reader, for agents. They differ in their environment (READ_ONLY) and, independently of the code, in their role.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  name          = "${var.resource_prefix}-${var.environment}-prompt-registry"
  function_arns = "arn:${data.aws_partition.current.partition}:lambda:${data.aws_region.current.id}:${data.aws_caller_identity.current.account_id}:function"

  functions = {
    writer = {
      name        = local.name
      description = "Prompt Registry, writing: for the controller and operators"
      read_only   = false
      timeout     = var.writer_timeout_seconds
      concurrency = coalesce(var.writer_reserved_concurrency, var.reserved_concurrency)
    }
    reader = {
      name        = "${local.name}-reader"
      description = "Prompt Registry, read only: for agents"
      read_only   = true
      timeout     = var.reader_timeout_seconds
      concurrency = coalesce(var.reader_reserved_concurrency, var.reserved_concurrency)
    }
  }
}

# The origin of the code. A change of it replaces the function, because otherwise the provider would overwrite
# deployed code with the placeholder.
resource "terraform_data" "code_from" {
  input = local.package == null ? "deployment" : "s3"
}

resource "aws_lambda_function" "this" {
  for_each = local.functions

  function_name = each.value.name
  description   = each.value.description
  role          = aws_iam_role.function[each.key].arn
  runtime       = "nodejs22.x"
  architectures = ["arm64"]
  handler       = "index.handler"
  memory_size   = var.memory_size
  timeout       = each.value.timeout
  kms_key_arn   = local.environment_kms_key_arn
  tags          = var.tags

  reserved_concurrent_executions = each.value.concurrency

  # Without a package, a placeholder answers 503 until the bundle is deployed. After that, Terraform leaves the
  # code alone.
  filename          = local.package == null ? "${path.module}/placeholder.zip" : null
  source_code_hash  = local.package == null ? filebase64sha256("${path.module}/placeholder.zip") : null
  s3_bucket         = try(local.package.s3_bucket, null)
  s3_key            = try(local.package.s3_key, null)
  s3_object_version = try(local.package.s3_object_version, null)

  environment {
    variables = merge({
      DYNAMODB_TABLE    = var.prompt_table_name
      S3_BUCKET         = var.prompt_bucket_name
      ALLOWED_MODES     = join(",", local.allowed_modes)
      READ_ONLY         = tostring(each.value.read_only)
      DEPRECATED_PINS   = local.deprecated_pins
      CHANGED_INPUTS    = local.changed_inputs
      READS_SAMPLE_RATE = tostring(local.reads_sample_rate)
      LOG_LEVEL         = local.log_level
    }, each.value.read_only || local.emergency_kms_key_arn == null ? {} : { EMERGENCY_KEY = local.emergency_kms_key_arn })
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
    replace_triggered_by = [terraform_data.code_from]
  }

  # Without its permissions the first request would fail, and Lambda could not write logs.
  depends_on = [aws_iam_role_policy.function]
}

resource "aws_lambda_function_url" "this" {
  for_each = local.functions

  function_name      = aws_lambda_function.this[each.key].function_name
  authorization_type = "AWS_IAM"

  # AWS deletes the URL together with the function. The ARN stays the same, so only this trigger replaces it.
  lifecycle {
    replace_triggered_by = [aws_lambda_function.this[each.key].arn]
  }
}

resource "aws_ssm_parameter" "url" {
  count = local.ssm_prefix == null ? 0 : 1

  name        = "/${trim(local.ssm_prefix, "/")}/prompt-registry/url"
  description = "URL of ${local.functions[local.primary_endpoint].name}. Requests are signed with SigV4 for the service lambda."
  type        = "String"
  value       = aws_lambda_function_url.this[local.primary_endpoint].function_url
  tags        = var.tags
}

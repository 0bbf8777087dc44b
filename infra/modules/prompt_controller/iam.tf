# One role for each function, with what it does and no more. test/infra compares these policies with the calls that
# the functions really make.

locals {
  # An ARN may name a key of the secret behind #, which is for the function alone.
  secret_arns    = { for role, secrets in local.secrets : role => distinct([for reference in values(secrets) : split("#", reference)[0] if strcontains(reference, ":secretsmanager:")]) }
  parameter_arns = { for role, secrets in local.secrets : role => distinct([for reference in values(secrets) : reference if strcontains(reference, ":ssm:")]) }
}

data "aws_iam_policy_document" "lambda_assumes" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "function" {
  for_each = local.functions

  name               = each.value.name
  description        = "Role of the function ${each.value.name}"
  assume_role_policy = data.aws_iam_policy_document.lambda_assumes.json
  tags               = var.tags
}

resource "aws_iam_role_policy" "function" {
  for_each = local.functions

  name   = "prompt-controller"
  role   = aws_iam_role.function[each.key].id
  policy = data.aws_iam_policy_document.function[each.key].json
}

data "aws_iam_policy_document" "function" {
  for_each = local.functions

  statement {
    sid       = "ReadSources"
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.sources.arn}/${local.sources_key}"]
  }

  # The controller reaches the registry by its function alone, and starts itself for each repository. The webhooks
  # reach the controller by the alias that takes nothing but passes.
  dynamic "statement" {
    for_each = each.key == "controller" ? [1] : []
    content {
      sid       = "WriteToTheRegistry"
      actions   = ["lambda:InvokeFunction"]
      resources = [var.registry_function_arn]
    }
  }

  statement {
    sid       = "StartPasses"
    actions   = ["lambda:InvokeFunction"]
    resources = [each.key == "controller" ? "${local.function_arns}:${local.name}" : local.passes_arn]
  }

  dynamic "statement" {
    for_each = length(local.secret_arns[each.key]) == 0 ? [] : [1]
    content {
      sid       = "ReadSecrets"
      actions   = ["secretsmanager:GetSecretValue"]
      resources = local.secret_arns[each.key]
    }
  }

  dynamic "statement" {
    for_each = length(local.parameter_arns[each.key]) == 0 ? [] : [1]
    content {
      sid       = "ReadParameters"
      actions   = ["ssm:GetParameter"]
      resources = local.parameter_arns[each.key]
    }
  }

  dynamic "statement" {
    for_each = length(var.secrets_kms_key_arns) == 0 ? [] : [1]
    content {
      sid       = "UseKeysOfSecrets"
      actions   = ["kms:Decrypt"]
      resources = var.secrets_kms_key_arns

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = [for service in ["secretsmanager", "ssm"] : "${service}.${data.aws_region.current.id}.amazonaws.com"]
      }
    }
  }

  dynamic "statement" {
    for_each = var.kms_key_arn == null ? [] : [1]
    content {
      sid       = "UseBucketKey"
      actions   = ["kms:Decrypt"]
      resources = [var.kms_key_arn]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["s3.${data.aws_region.current.id}.amazonaws.com"]
      }
    }
  }

  # Lambda writes the logs with the function's role. The group is Terraform's, so that no group without retention
  # comes back after it was deleted.
  statement {
    sid       = "WriteLogs"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.function[each.key].arn}:*"]
  }

  # The only statement for all resources: X-Ray has none that could be named.
  statement {
    sid       = "SendTraces"
    actions   = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]
    resources = ["*"]
  }
}

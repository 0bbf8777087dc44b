# One role for each function, with what it does and no more. test/infra compares these policies with the calls that
# the functions really make.

data "aws_region" "current" {}

# Always read, though a given key makes it needless: whether a key is given may be unknown until apply, and the number
# of data sources must not be. By the ARN, so that the lookup waits for a table that the same apply makes.
data "aws_dynamodb_table" "prompts" {
  name = element(split("/", var.prompt_table_arn), 1)
}

locals {
  # Empty where the table is encrypted with a key that AWS owns; that one needs no permission.
  looked_up_key = try(data.aws_dynamodb_table.prompts.server_side_encryption[0].kms_key_arn, null)
  data_keys     = [for key in [var.data_kms_key_arn == null ? local.looked_up_key : var.data_kms_key_arn] : key if key != null && key != ""]
  storage_keys  = [for key in [var.storage_kms_key_arn] : key if key != null]
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

  name   = "prompt-registry"
  role   = aws_iam_role.function[each.key].id
  policy = data.aws_iam_policy_document.function[each.key].json
}

data "aws_iam_policy_document" "function" {
  for_each = local.functions

  statement {
    sid       = "ReadPrompts"
    actions   = ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:Scan"]
    resources = [var.prompt_table_arn]
  }

  # A transaction needs the permission of each write in it. Nothing is ever deleted.
  dynamic "statement" {
    for_each = each.value.read_only ? [] : [1]
    content {
      sid       = "WritePrompts"
      actions   = ["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:BatchWriteItem"]
      resources = [var.prompt_table_arn]
    }
  }

  statement {
    sid       = "ReadTexts"
    actions   = ["s3:GetObject"]
    resources = ["${var.prompt_bucket_arn}/*"]
  }

  # Without it S3 answers 403 instead of 404 for a text that is missing, which would read as a missing permission.
  statement {
    sid       = "TellMissingTexts"
    actions   = ["s3:ListBucket"]
    resources = [var.prompt_bucket_arn]
  }

  dynamic "statement" {
    for_each = each.value.read_only ? [] : [1]
    content {
      sid       = "WriteTexts"
      actions   = ["s3:PutObject"]
      resources = ["${var.prompt_bucket_arn}/*"]
    }
  }

  # DynamoDB decrypts the table's own key on behalf of whoever reads or writes.
  dynamic "statement" {
    for_each = local.data_keys
    content {
      sid       = "UseTableKey"
      actions   = ["kms:Decrypt"]
      resources = [statement.value]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["dynamodb.${data.aws_region.current.id}.amazonaws.com"]
      }
    }
  }

  # S3 asks for a data key for each object that is written.
  dynamic "statement" {
    for_each = local.storage_keys
    content {
      sid       = "UseBucketKey"
      actions   = each.value.read_only ? ["kms:Decrypt"] : ["kms:Decrypt", "kms:GenerateDataKey"]
      resources = [statement.value]

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

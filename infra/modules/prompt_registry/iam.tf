# One role per function, with only the permissions it needs. test/infra compares these policies with the calls that
# the functions make.

# Always read, even with a given key, because it may be unknown until apply whether one is given, and the number of
# data sources must be known. Read by ARN, so that the lookup waits for a table that the same apply creates.
data "aws_dynamodb_table" "prompts" {
  name = element(split("/", var.prompt_table_arn), 1)
}

locals {
  # Empty if the table is encrypted with a key that AWS owns, which needs no permission.
  looked_up_key = try(data.aws_dynamodb_table.prompts.server_side_encryption[0].kms_key_arn, null)
  data_keys     = [for key in [local.data_kms_key_arn == null ? local.looked_up_key : local.data_kms_key_arn] : key if key != null && key != ""]
  storage_keys  = [for key in [local.storage_kms_key_arn] : key if key != null]

  vpc_actions = [
    "ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses",
  ]
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

  name                 = each.value.name
  path                 = local.role_path
  description          = "Role of the function ${each.value.name}"
  assume_role_policy   = data.aws_iam_policy_document.lambda_assumes.json
  permissions_boundary = local.permissions_boundary
  tags                 = var.tags
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

  # A transaction needs the permission for each of its writes. Only findings that ended and the prompts of a
  # forgotten source are deleted.
  dynamic "statement" {
    for_each = each.value.read_only ? [] : [1]
    content {
      sid = "WritePrompts"
      actions = [
        "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem",
        "dynamodb:ConditionCheckItem",
      ]
      resources = [var.prompt_table_arn]
    }
  }

  # The reader counts reads, in rows of their own. Nothing that is served comes from these rows.
  dynamic "statement" {
    for_each = each.value.read_only && local.reads_sample_rate > 0 ? [1] : []
    content {
      sid       = "CountReads"
      actions   = ["dynamodb:UpdateItem"]
      resources = [var.prompt_table_arn]

      condition {
        test     = "ForAllValues:StringLike"
        variable = "dynamodb:LeadingKeys"
        values   = ["#reads#*"]
      }

      # Without keys, "for all values" would be true.
      condition {
        test     = "Null"
        variable = "dynamodb:LeadingKeys"
        values   = ["false"]
      }
    }
  }

  statement {
    sid       = "ReadTexts"
    actions   = ["s3:GetObject"]
    resources = ["${var.prompt_bucket_arn}/*"]
  }

  # Without it, S3 answers 403 instead of 404 for a missing object, which would look like a missing permission.
  statement {
    sid       = "TellMissingTexts"
    actions   = ["s3:ListBucket"]
    resources = [var.prompt_bucket_arn]
  }

  dynamic "statement" {
    for_each = each.value.read_only ? [] : [1]
    content {
      sid       = "WriteTexts"
      actions   = ["s3:PutObject", "s3:DeleteObject"]
      resources = ["${var.prompt_bucket_arn}/*"]
    }
  }

  # DynamoDB decrypts the table's own key on behalf of each reader and writer.
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

  # S3 requests a data key for each object written.
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

  # Only the writer makes changes by hand, which this key signs.
  dynamic "statement" {
    for_each = each.value.read_only ? [] : local.emergency_kms_key_arn[*]
    content {
      sid       = "SignEmergencySets"
      actions   = ["kms:Sign"]
      resources = [statement.value]
    }
  }

  # Lambda decrypts the variables with the function's role, and for that function only.
  dynamic "statement" {
    for_each = local.environment_kms_key_arn[*]
    content {
      sid       = "DecryptEnvironment"
      actions   = ["kms:Decrypt"]
      resources = [statement.value]

      condition {
        test     = "StringEquals"
        variable = "kms:EncryptionContext:aws:lambda:FunctionArn"
        values   = ["${local.function_arns}:${each.value.name}"]
      }
    }
  }

  # Lambda creates the network interfaces with the function's role. AWS has no narrower resource for these actions.
  dynamic "statement" {
    for_each = local.vpc
    content {
      sid       = "AttachToVpc"
      actions   = local.vpc_actions
      resources = ["*"]
    }
  }

  # The function's own code must not use these actions.
  dynamic "statement" {
    for_each = local.vpc
    content {
      sid       = "KeepVpcFromTheCode"
      effect    = "Deny"
      actions   = local.vpc_actions
      resources = ["*"]

      condition {
        test     = "ArnEquals"
        variable = "lambda:SourceFunctionArn"
        values   = ["${local.function_arns}:${each.value.name}"]
      }
    }
  }

  # Lambda writes the logs with the function's role. Only Terraform creates the group, so that a deleted group does
  # not come back without retention.
  statement {
    sid       = "WriteLogs"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.function[each.key].arn}:*"]
  }

  # X-Ray actions support no resources.
  statement {
    sid       = "SendTraces"
    actions   = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]
    resources = ["*"]
  }
}

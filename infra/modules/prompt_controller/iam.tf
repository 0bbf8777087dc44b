# One role per function, with only the permissions it needs. test/infra compares these policies with the calls that
# the functions make.

locals {
  # An ARN may end with # and a key of the secret. Only the function uses the key.
  secret_arns    = { for role, secrets in local.secrets : role => distinct([for reference in values(secrets) : split("#", reference)[0] if strcontains(reference, ":secretsmanager:")]) }
  parameter_arns = { for role, secrets in local.secrets : role => distinct([for reference in values(secrets) : reference if strcontains(reference, ":ssm:")]) }

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

  # The controller reaches the registry only through its function, and starts itself once per repository. The
  # webhooks reach the controller through an alias that accepts only requests for passes.
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
    for_each = each.key == "controller" ? local.event_bus_arn[*] : []
    content {
      sid       = "SendEvents"
      actions   = ["events:PutEvents"]
      resources = [statement.value]
    }
  }

  dynamic "statement" {
    for_each = each.key == "controller" ? local.event_bus_arn[*] : []
    content {
      sid       = "KeepEventPosition"
      actions   = ["s3:GetObject", "s3:PutObject"]
      resources = ["${aws_s3_bucket.sources.arn}/${local.event_position_key}"]
    }
  }

  dynamic "statement" {
    for_each = each.key == "controller" ? local.signing_key_arn[*] : []
    content {
      sid       = "SignSets"
      actions   = ["kms:Sign"]
      resources = [statement.value]
    }
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
    for_each = length(local.secrets_kms_key_arns) == 0 ? [] : [1]
    content {
      sid       = "UseKeysOfSecrets"
      actions   = ["kms:Decrypt"]
      resources = local.secrets_kms_key_arns

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = [for service in ["secretsmanager", "ssm"] : "${service}.${data.aws_region.current.id}.amazonaws.com"]
      }
    }
  }

  dynamic "statement" {
    for_each = local.kms_key_arn == null ? [] : [1]
    content {
      sid       = "UseBucketKey"
      actions   = each.key == "controller" && local.event_bus_name != null ? ["kms:Decrypt", "kms:GenerateDataKey"] : ["kms:Decrypt"]
      resources = [local.kms_key_arn]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["s3.${data.aws_region.current.id}.amazonaws.com"]
      }
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

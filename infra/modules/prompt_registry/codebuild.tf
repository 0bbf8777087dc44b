# Builds the bundles from source and deploys them. Start it by hand or from a pipeline: aws codebuild start-build
# --project-name <project> [--source-version <tag>]

locals {
  build_name = "${local.name}-deploy"
  builds     = { for build in var.codebuild[*] : "deploy" => build }
  # A controller without webhooks has no webhooks function.
  also     = { for bundle, arn in try(coalesce(var.codebuild.also, {}), {}) : bundle => arn if arn != null }
  deployed = concat([for function in local.functions : "${local.function_arns}:${function.name}"], values(local.also))
}

resource "aws_cloudwatch_log_group" "build" {
  for_each = local.builds

  name              = "/aws/codebuild/${local.build_name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = local.log_kms_key_arn
  tags              = var.tags
}

data "aws_iam_policy_document" "codebuild_assumes" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["codebuild.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "build" {
  for_each = local.builds

  name                 = local.build_name
  path                 = local.role_path
  description          = "Role of the CodeBuild project ${local.build_name}"
  assume_role_policy   = data.aws_iam_policy_document.codebuild_assumes.json
  permissions_boundary = local.permissions_boundary
  tags                 = var.tags
}

data "aws_iam_policy_document" "build" {
  for_each = local.builds

  # A deployment downloads the current code to restore it, and checks the new code as a version. The right to
  # invoke adds nothing to the right to change the code.
  statement {
    sid       = "DeployCode"
    actions   = ["lambda:GetFunction", "lambda:UpdateFunctionCode"]
    resources = local.deployed
  }

  statement {
    sid       = "CheckCode"
    actions   = ["lambda:GetFunctionConfiguration", "lambda:InvokeFunction"]
    resources = concat(local.deployed, [for arn in local.deployed : "${arn}:*"])
  }

  statement {
    sid       = "WriteLogs"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.build[each.key].arn}:*"]
  }

  dynamic "statement" {
    for_each = each.value.type == "CODECOMMIT" ? [1] : []
    content {
      sid     = "PullSource"
      actions = ["codecommit:GitPull"]
      # https://git-codecommit.<region>.amazonaws.com/v1/repos/<name>
      resources = [replace(
        aws_lambda_function.this["writer"].arn,
        "/^(arn:[^:]+):lambda:([^:]+:[^:]+):.*$/",
        "$1:codecommit:$2:${element(split("/", each.value.location), length(split("/", each.value.location)) - 1)}",
      )]
    }
  }
}

resource "aws_iam_role_policy" "build" {
  for_each = local.builds

  name   = "deploy"
  role   = aws_iam_role.build[each.key].id
  policy = data.aws_iam_policy_document.build[each.key].json
}

resource "aws_codebuild_project" "build" {
  for_each = local.builds

  name           = local.build_name
  description    = "Builds Prompt Registry and deploys it to ${join(" and ", [for function in local.functions : function.name])}"
  service_role   = aws_iam_role.build[each.key].arn
  source_version = coalesce(each.value.version, "main")
  build_timeout  = 15
  tags           = var.tags

  artifacts {
    type = "NO_ARTIFACTS"
  }

  source {
    type            = coalesce(each.value.type, "GITHUB")
    location        = each.value.location
    buildspec       = "infra/buildspec.yml"
    git_clone_depth = 1
  }

  environment {
    type         = "ARM_CONTAINER"
    compute_type = "BUILD_GENERAL1_SMALL"
    image        = "aws/codebuild/amazonlinux-aarch64-standard:3.0"

    dynamic "environment_variable" {
      for_each = merge({ for role, function in local.functions : role => function.name }, local.also)
      content {
        name  = "${upper(environment_variable.key)}_FUNCTION"
        value = environment_variable.value
      }
    }
  }

  logs_config {
    cloudwatch_logs {
      group_name = aws_cloudwatch_log_group.build[each.key].name
    }
  }

  depends_on = [aws_iam_role_policy.build]
}

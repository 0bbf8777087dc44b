# Builds the bundles from source and deploys them. Started by hand or by whatever starts builds:
#   aws codebuild start-build --project-name <project> [--source-version <tag>]

locals {
  build_name = "${local.name}-deploy"
  builds     = var.codebuild == null ? {} : { deploy = var.codebuild }
  # A controller without webhooks has no function for them.
  also = { for bundle, arn in try(var.codebuild.also, {}) : bundle => arn if arn != null }
}

resource "aws_cloudwatch_log_group" "build" {
  for_each = local.builds

  name              = "/aws/codebuild/${local.build_name}"
  retention_in_days = var.log_retention_days
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

  name               = local.build_name
  description        = "Role of the CodeBuild project ${local.build_name}"
  assume_role_policy = data.aws_iam_policy_document.codebuild_assumes.json
  tags               = var.tags
}

data "aws_iam_policy_document" "build" {
  for_each = local.builds

  # Reading the configuration tells when an update has taken effect, and a request to /health that it works. Whoever
  # may change the code could do anything with it, so the right to invoke it adds nothing.
  statement {
    sid       = "DeployCode"
    actions   = ["lambda:UpdateFunctionCode", "lambda:GetFunctionConfiguration", "lambda:InvokeFunction"]
    resources = concat([for function in aws_lambda_function.this : function.arn], values(local.also))
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
  source_version = each.value.version
  build_timeout  = 15
  tags           = var.tags

  artifacts {
    type = "NO_ARTIFACTS"
  }

  source {
    type            = each.value.type
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

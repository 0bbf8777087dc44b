# Adopts seeded prompts before Terraform deletes the object of a version that it replaces.

data "aws_iam_policy_document" "scheduler_assumes" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["scheduler.amazonaws.com"]
    }

    # Only this schedule may assume the role.
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

resource "aws_iam_role" "adopt" {
  count = local.adopt_schedule == null ? 0 : 1

  name                 = "${local.name}-adopt"
  path                 = local.role_path
  description          = "Role of the schedule ${local.name}-adopt"
  assume_role_policy   = data.aws_iam_policy_document.scheduler_assumes.json
  permissions_boundary = local.permissions_boundary
  tags                 = var.tags
}

data "aws_iam_policy_document" "adopt" {
  statement {
    sid       = "InvokeTheWriter"
    actions   = ["lambda:InvokeFunction"]
    resources = ["${local.function_arns}:${local.name}"]
  }
}

resource "aws_iam_role_policy" "adopt" {
  count = local.adopt_schedule == null ? 0 : 1

  name   = "prompt-registry"
  role   = aws_iam_role.adopt[0].id
  policy = data.aws_iam_policy_document.adopt.json
}

resource "aws_scheduler_schedule" "adopt" {
  count = local.adopt_schedule == null ? 0 : 1

  name                = "${local.name}-adopt"
  description         = "Makes ${local.name} adopt the prompts that Terraform seeded"
  schedule_expression = local.adopt_schedule

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = aws_lambda_function.this["writer"].arn
    role_arn = aws_iam_role.adopt[0].arn
    input    = jsonencode({ action = "adopt" })

    # No retries, because the next run makes up for a failed one.
    retry_policy {
      maximum_retry_attempts = 0
    }
  }

  lifecycle {
    precondition {
      condition     = var.writer_timeout_seconds >= 10
      error_message = "adopt_schedule needs writer_timeout_seconds of at least 10: the writer stops adopting 5 seconds before its timeout."
    }
  }

  depends_on = [aws_iam_role_policy.adopt]
}

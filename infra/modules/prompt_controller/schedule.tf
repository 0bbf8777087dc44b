# Asks the controller every minute which sources are due. It then starts one invocation per repository.

resource "aws_scheduler_schedule" "minute" {
  name                = local.name
  description         = "Asks ${local.name} every minute which sources are due"
  schedule_expression = "rate(1 minute)"
  state               = var.schedule_enabled ? "ENABLED" : "DISABLED"

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = aws_lambda_function.this["controller"].arn
    role_arn = aws_iam_role.schedule.arn
    # A literal string, because jsonencode would escape the brackets, and the Scheduler would not recognise its
    # placeholder.
    input = "{\"action\":\"schedule\",\"at\":\"<aws.scheduler.scheduled-time>\"}"

    retry_policy {
      maximum_retry_attempts       = 3
      maximum_event_age_in_seconds = 300
    }

    dead_letter_config {
      arn = aws_sqs_queue.dead_letters.arn
    }
  }

  # Without this permission, the first minutes would go to the dead-letter queue.
  depends_on = [aws_iam_role_policy.schedule]
}

# Minutes that the Scheduler could not deliver. They need no action, because the next minute asks again.
resource "aws_sqs_queue" "dead_letters" {
  name                      = "${local.name}-dead-letters"
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = true
  tags                      = var.tags
}

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

resource "aws_iam_role" "schedule" {
  name                 = "${var.resource_prefix}-${var.environment}-prompt-schedule"
  path                 = local.role_path
  description          = "Role of the schedule ${local.name}"
  assume_role_policy   = data.aws_iam_policy_document.scheduler_assumes.json
  permissions_boundary = local.permissions_boundary
  tags                 = var.tags
}

data "aws_iam_policy_document" "schedule" {
  statement {
    sid       = "AskTheController"
    actions   = ["lambda:InvokeFunction"]
    resources = ["${local.function_arns}:${local.name}"]
  }

  statement {
    sid       = "KeepDeadLetters"
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.dead_letters.arn]
  }
}

resource "aws_iam_role_policy" "schedule" {
  name   = "prompt-controller"
  role   = aws_iam_role.schedule.id
  policy = data.aws_iam_policy_document.schedule.json
}

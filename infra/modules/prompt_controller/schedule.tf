# Every minute, the controller is asked which sources are due; it then starts an invocation for each repository.

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
    # Written out, since jsonencode would escape the brackets, and the Scheduler would not know its own word again.
    input = "{\"action\":\"schedule\",\"at\":\"<aws.scheduler.scheduled-time>\"}"

    retry_policy {
      maximum_retry_attempts       = 3
      maximum_event_age_in_seconds = 300
    }

    dead_letter_config {
      arn = aws_sqs_queue.dead_letters.arn
    }
  }

  # Without it the first minutes would go to the dead letters.
  depends_on = [aws_iam_role_policy.schedule]
}

# Minutes that the Scheduler could not hand over. Nothing needs to be done with them: the next minute asks again.
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

    # Nobody else's schedule.
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

resource "aws_iam_role" "schedule" {
  name               = "${var.resource_prefix}-${var.environment}-prompt-schedule"
  description        = "Role of the schedule ${local.name}"
  assume_role_policy = data.aws_iam_policy_document.scheduler_assumes.json
  tags               = var.tags
}

data "aws_iam_policy_document" "schedule" {
  statement {
    sid       = "AskTheController"
    actions   = ["lambda:InvokeFunction"]
    resources = [aws_lambda_function.this["controller"].arn]
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

# The default log groups of Lambda, created here to set a retention.
resource "aws_cloudwatch_log_group" "function" {
  for_each = local.functions

  name              = "/aws/lambda/${each.value.name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = local.log_kms_key_arn
  tags              = var.tags
}

locals {
  # docs/operations.md explains how to handle each alarm.
  function_alarms = merge([
    for role, function in local.functions : {
      "${function.name}-errors" = {
        namespace = "AWS/Lambda", metric = "Errors", dimensions = { FunctionName = function.name }
        statistic = "Sum", threshold = 1, missing = "notBreaching"
        text      = "an invocation crashed, ran out of time, or found no usable sources document"
      }
      "${function.name}-throttles" = {
        namespace = "AWS/Lambda", metric = "Throttles", dimensions = { FunctionName = function.name }
        statistic = "Sum", threshold = 1, missing = "notBreaching"
        text      = "invocations were throttled because too many functions ran at once"
      }
      # A problem that ends within a minute raises no alarm.
      "${function.name}-problems" = {
        namespace = "PromptRegistry", metric = "Problems", dimensions = { service = function.name }
        statistic = "Sum", threshold = 3, missing = "notBreaching"
        text      = "the sources document, the registry or the controller failed several times"
      }
    }
  ]...)

  alarms = merge(local.function_alarms, {
    # Missing data means that nothing looks for due sources, or that the registry does not respond.
    "${local.name}-overdue" = {
      namespace = "PromptRegistry", metric = "Overdue", dimensions = { service = local.name }
      statistic = "Maximum", threshold = var.overdue_minutes * 60, missing = "breaching"
      text      = "a source has had no complete pass for ${var.overdue_minutes} minutes longer than its schedule"
    }
    # Each pass reports it until somebody acts. Without a pass the alarm keeps its state.
    "${local.name}-unready" = {
      namespace = "PromptRegistry", metric = "UnreadyPasses", dimensions = { service = local.name }
      statistic = "Sum", threshold = 1, missing = "ignore"
      text      = "a source has a problem that somebody has to solve; promptctl sources tells it"
    }
    "${local.name}-dead-letters" = {
      namespace = "AWS/SQS", metric = "ApproximateNumberOfMessagesVisible", dimensions = { QueueName = aws_sqs_queue.dead_letters.name }
      statistic = "Maximum", threshold = 1, missing = "notBreaching"
      text      = "the schedule could not invoke the controller"
    }
  })
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = each.key
  alarm_description   = "${each.key}: ${each.value.text}. See docs/operations.md of Prompt Registry."
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  period              = 300
  evaluation_periods  = 1
  threshold           = each.value.threshold
  comparison_operator = "GreaterThanOrEqualToThreshold"
  treat_missing_data  = each.value.missing
  alarm_actions       = local.alarm_actions
  ok_actions          = local.alarm_actions
  tags                = var.tags
}

# The groups that Lambda writes to unless told otherwise, made here so that they have a retention.
resource "aws_cloudwatch_log_group" "function" {
  for_each = local.functions

  name              = "/aws/lambda/${each.value.name}"
  retention_in_days = var.log_retention_days
  tags              = var.tags
}

locals {
  # What to do about each is in docs/operations.md.
  function_alarms = merge([
    for role, function in local.functions : {
      "${function.name}-errors" = {
        namespace = "AWS/Lambda", metric = "Errors", dimensions = { FunctionName = function.name }
        statistic = "Sum", threshold = 1, missing = "notBreaching"
        text      = "an invocation crashed, ran out of time, or found no sources document that can be used"
      }
      "${function.name}-throttles" = {
        namespace = "AWS/Lambda", metric = "Throttles", dimensions = { FunctionName = function.name }
        statistic = "Sum", threshold = 1, missing = "notBreaching"
        text      = "invocations were turned away because too many functions ran at once"
      }
      # One that is over with the next minute wakes nobody.
      "${function.name}-problems" = {
        namespace = "PromptRegistry", metric = "Problems", dimensions = { service = function.name }
        statistic = "Sum", threshold = 3, missing = "notBreaching"
        text      = "the sources document, the registry or the controller could not be had several times"
      }
    }
  ]...)

  alarms = merge(local.function_alarms, {
    # Where nothing comes in, nobody asks which sources are due, or the registry does not answer.
    "${local.name}-overdue" = {
      namespace = "PromptRegistry", metric = "Overdue", dimensions = { service = local.name }
      statistic = "Maximum", threshold = var.overdue_minutes * 60, missing = "breaching"
      text      = "a source has had no complete pass for ${var.overdue_minutes} minutes longer than its schedule says"
    }
    "${local.name}-dead-letters" = {
      namespace = "AWS/SQS", metric = "ApproximateNumberOfMessagesVisible", dimensions = { QueueName = aws_sqs_queue.dead_letters.name }
      statistic = "Maximum", threshold = 1, missing = "notBreaching"
      text      = "the schedule could not hand a minute over to the controller"
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
  alarm_actions       = var.alarm_topic_arn == null ? [] : [var.alarm_topic_arn]
  ok_actions          = var.alarm_topic_arn == null ? [] : [var.alarm_topic_arn]
  tags                = var.tags
}

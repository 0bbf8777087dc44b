# The groups that Lambda writes to unless told otherwise, made here so that they have a retention.
resource "aws_cloudwatch_log_group" "function" {
  for_each = local.functions

  name              = "/aws/lambda/${each.value.name}"
  retention_in_days = var.log_retention_days
  tags              = var.tags
}

locals {
  # What to do about each is in docs/operations.md. Errors of AWS/Lambda are crashes and timeouts; a request that the
  # registry itself answers with a 5xx status is none of those, so it counts these.
  alarms = {
    errors = {
      namespace = "AWS/Lambda", metric = "Errors", dimension = "FunctionName",
      text      = "requests crashed or ran out of time"
    }
    throttles = {
      namespace = "AWS/Lambda", metric = "Throttles", dimension = "FunctionName",
      text      = "requests were turned away because too many functions ran at once"
    }
    answers-5xx = {
      namespace = "PromptRegistry", metric = "Errors", dimension = "service",
      text      = "requests were answered with a 5xx status"
    }
  }
  function_alarms = merge([
    for role, function in local.functions : {
      for name, alarm in local.alarms : "${role}-${name}" => merge(alarm, { name = name, function = function.name })
    }
  ]...)
}

resource "aws_cloudwatch_metric_alarm" "function" {
  for_each = local.function_alarms

  alarm_name          = "${each.value.function}-${each.value.name}"
  alarm_description   = "${each.value.function}: ${each.value.text} within 5 minutes. See docs/operations.md of Prompt Registry."
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = { (each.value.dimension) = each.value.function }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  treat_missing_data  = "notBreaching" # nobody asked
  alarm_actions       = var.alarm_topic_arn == null ? [] : [var.alarm_topic_arn]
  ok_actions          = var.alarm_topic_arn == null ? [] : [var.alarm_topic_arn]
  tags                = var.tags
}

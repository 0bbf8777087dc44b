# The default log groups of Lambda, created here to set a retention.
resource "aws_cloudwatch_log_group" "function" {
  for_each = local.functions

  name              = "/aws/lambda/${each.value.name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = local.log_kms_key_arn
  tags              = var.tags
}

locals {
  # docs/operations.md explains how to handle each alarm. Errors of AWS/Lambda are crashes and timeouts. The
  # registry itself counts requests that it answers with a 5xx status.
  alarms = {
    errors = {
      namespace = "AWS/Lambda", metric = "Errors", dimension = "FunctionName",
      text      = "requests crashed or ran out of time"
    }
    throttles = {
      namespace = "AWS/Lambda", metric = "Throttles", dimension = "FunctionName",
      text      = "requests were throttled because too many functions ran at once"
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
  treat_missing_data  = "notBreaching" # no requests
  alarm_actions       = local.alarm_actions
  ok_actions          = local.alarm_actions
  tags                = var.tags
}

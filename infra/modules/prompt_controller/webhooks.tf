# The endpoint for webhooks is an HTTP API, because callers of a Function URL need permissions in the account. It
# has one route; the function behind it checks the signature.

locals {
  webhooks = contains(keys(local.functions), "webhooks") ? 1 : 0
}

resource "aws_apigatewayv2_api" "webhooks" {
  count = local.webhooks

  name          = local.webhooks_name
  description   = "Webhooks of Prompt Registry"
  protocol_type = "HTTP"
  tags          = var.tags
}

resource "aws_apigatewayv2_integration" "webhooks" {
  count = local.webhooks

  api_id                 = aws_apigatewayv2_api.webhooks[0].id
  integration_type       = "AWS_PROXY"
  integration_uri        = aws_lambda_function.this["webhooks"].invoke_arn
  payload_format_version = "2.0"
}

resource "aws_apigatewayv2_route" "webhooks" {
  count = local.webhooks

  api_id    = aws_apigatewayv2_api.webhooks[0].id
  route_key = "POST /webhooks/{source}"
  target    = "integrations/${aws_apigatewayv2_integration.webhooks[0].id}"
}

resource "aws_apigatewayv2_stage" "webhooks" {
  count = local.webhooks

  api_id      = aws_apigatewayv2_api.webhooks[0].id
  name        = "$default"
  auto_deploy = true
  tags        = var.tags

  # Far above the push rate of repositories. The next scheduled pass makes up for a refused delivery.
  default_route_settings {
    throttling_rate_limit  = 20
    throttling_burst_limit = 50
  }
}

resource "aws_lambda_permission" "webhooks" {
  count = local.webhooks

  statement_id  = "ApiGateway"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.this["webhooks"].function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.webhooks[0].execution_arn}/*/POST/webhooks/*"

  lifecycle {
    replace_triggered_by = [aws_lambda_function.this["webhooks"].arn]
  }
}

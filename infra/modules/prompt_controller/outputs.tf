output "prompt_controller_lambda_name" {
  description = "Name of the controller: npm run deploy -- --zip dist/lambda/controller.zip --function <this>."
  value       = aws_lambda_function.this["controller"].function_name
}

output "prompt_controller_lambda_arn" {
  description = "ARN of the controller. Anybody allowed to invoke it can start a sync and confirm a held change."
  value       = aws_lambda_function.this["controller"].arn
}

output "prompt_webhooks_lambda_name" {
  description = "Name of the webhooks' function: npm run deploy -- --zip dist/lambda/webhooks.zip --function <this>. Null if no source has a webhook."
  value       = one([for role, function in aws_lambda_function.this : function.function_name if role == "webhooks"])
}

output "prompt_webhooks_lambda_arn" {
  description = "ARN of the webhooks' function. Null if no source has a webhook."
  value       = one([for role, function in aws_lambda_function.this : function.arn if role == "webhooks"])
}

output "prompt_webhook_urls" {
  description = "Webhook URLs, by source."
  value       = { for source in local.webhook_sources : source.name => "${one(aws_apigatewayv2_api.webhooks[*].api_endpoint)}/webhooks/${source.name}" }
}

output "prompt_sources_bucket_name" {
  description = "Name of the bucket of the sources document."
  value       = aws_s3_bucket.sources.id
}

output "prompt_controller_dead_letters_url" {
  description = "URL of the queue of minutes that the schedule could not deliver."
  value       = aws_sqs_queue.dead_letters.url
}

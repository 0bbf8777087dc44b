output "prompt_registry_url" {
  description = "Function URL of the reader, for agents."
  value       = module.prompt_registry.prompt_registry_url
}

output "prompt_registry_lambda_name" {
  description = "Name of the reader, for agents: npm run deploy -- --function <this>."
  value       = module.prompt_registry.prompt_registry_lambda_name
}

output "prompt_registry_lambda_arn" {
  description = "ARN of the reader, which agents may invoke."
  value       = module.prompt_registry.prompt_registry_lambda_arn
}

output "prompt_registry_writer_url" {
  description = "Function URL of the writer, for operators."
  value       = module.prompt_registry.prompt_registry_writer_url
}

output "prompt_registry_writer_lambda_name" {
  description = "Name of the writer: npm run deploy -- --function <this>."
  value       = module.prompt_registry.prompt_registry_writer_lambda_name
}

output "prompt_registry_writer_lambda_arn" {
  description = "ARN of the writer, which the controller and operators may invoke."
  value       = module.prompt_registry.prompt_registry_writer_lambda_arn
}

output "prompt_controller_lambda_name" {
  description = "Name of the controller: npm run deploy -- --zip dist/lambda/controller.zip --function <this>."
  value       = one(module.prompt_controller[*].prompt_controller_lambda_name)
}

output "prompt_webhooks_lambda_name" {
  description = "Name of the webhooks' function: npm run deploy -- --zip dist/lambda/webhooks.zip --function <this>."
  value       = one(module.prompt_controller[*].prompt_webhooks_lambda_name)
}

output "prompt_webhook_urls" {
  description = "Webhook URLs, by source."
  value       = one(module.prompt_controller[*].prompt_webhook_urls)
}

output "prompt_sources_bucket_name" {
  description = "Name of the bucket of the sources document."
  value       = one(module.prompt_controller[*].prompt_sources_bucket_name)
}

output "agent_lambda_name" {
  description = "Name of the example agent."
  value       = aws_lambda_function.agent.function_name
}

output "prompt_table_name" {
  description = "Name of the table."
  value       = module.prompt_data.prompt_table_name
}

output "prompt_bucket_name" {
  description = "Name of the bucket."
  value       = module.prompt_data.prompt_bucket_name
}

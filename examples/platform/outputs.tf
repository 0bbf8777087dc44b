output "prompt_registry_url" {
  description = "Function URL of the writer."
  value       = module.prompt_registry.prompt_registry_url
}

output "prompt_registry_lambda_name" {
  description = "Name of the writer: npm run deploy -- --function <this>."
  value       = module.prompt_registry.prompt_registry_lambda_name
}

output "prompt_registry_lambda_arn" {
  description = "ARN of the writer: what the controller and operators may invoke."
  value       = module.prompt_registry.prompt_registry_lambda_arn
}

output "prompt_registry_reader_url" {
  description = "Function URL of the reader."
  value       = module.prompt_registry.prompt_registry_reader_url
}

output "prompt_registry_reader_lambda_name" {
  description = "Name of the reader: npm run deploy -- --function <this>."
  value       = module.prompt_registry.prompt_registry_reader_lambda_name
}

output "prompt_registry_reader_lambda_arn" {
  description = "ARN of the reader: what agents may invoke."
  value       = module.prompt_registry.prompt_registry_reader_lambda_arn
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

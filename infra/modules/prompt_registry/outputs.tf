output "prompt_registry_url" {
  description = "Function URL of the primary endpoint. Requests are signed with SigV4 for the service lambda."
  value       = aws_lambda_function_url.this[local.primary_endpoint].function_url
}

output "prompt_registry_lambda_arn" {
  description = "ARN of the primary endpoint."
  value       = aws_lambda_function.this[local.primary_endpoint].arn
}

output "prompt_registry_lambda_name" {
  description = "Name of the primary endpoint."
  value       = aws_lambda_function.this[local.primary_endpoint].function_name
}

output "prompt_registry_writer_url" {
  description = "Function URL of the writer, for operators."
  value       = aws_lambda_function_url.this["writer"].function_url
}

output "prompt_registry_writer_lambda_arn" {
  description = "ARN of the writer. Anybody allowed to invoke it is admin of every prompt."
  value       = aws_lambda_function.this["writer"].arn
}

output "prompt_registry_writer_lambda_name" {
  description = "Name of the writer, for the controller and operators."
  value       = aws_lambda_function.this["writer"].function_name
}

output "prompt_registry_reader_url" {
  description = "Function URL of the reader: PROMPT_REGISTRY_URL of agents."
  value       = aws_lambda_function_url.this["reader"].function_url
}

output "prompt_registry_reader_lambda_arn" {
  description = "ARN of the reader, which the roles of agents may invoke."
  value       = aws_lambda_function.this["reader"].arn
}

output "prompt_registry_reader_lambda_name" {
  description = "Name of the reader: PROMPT_REGISTRY_FUNCTION of agents."
  value       = aws_lambda_function.this["reader"].function_name
}

# The platform passes the first three outputs to agents. This also works with the writer, so it is only a warning.
check "agents_get_the_reader" {
  assert {
    condition     = local.primary_endpoint == "reader" || var.environment == "dev"
    error_message = "prompt_registry_url, prompt_registry_lambda_arn and prompt_registry_lambda_name are the writer's, so agents that receive them are admin of every prompt in ${var.environment}. Set primary_endpoint = \"reader\", and give the controller and operators the prompt_registry_writer_* outputs."
  }
}

output "prompt_registry_url" {
  description = "Function URL of the writer, for the controller and operators. Requests are signed with SigV4."
  value       = aws_lambda_function_url.this["writer"].function_url
}

output "prompt_registry_lambda_arn" {
  description = "ARN of the writer. Whoever may invoke it is writer and admin of every prompt."
  value       = aws_lambda_function.this["writer"].arn
}

output "prompt_registry_lambda_name" {
  description = "Name of the writer."
  value       = aws_lambda_function.this["writer"].function_name
}

output "prompt_registry_reader_url" {
  description = "Function URL of the reader: PROMPT_REGISTRY_URL of agents."
  value       = aws_lambda_function_url.this["reader"].function_url
}

output "prompt_registry_reader_lambda_arn" {
  description = "ARN of the reader: what a role of agents may invoke."
  value       = aws_lambda_function.this["reader"].arn
}

output "prompt_registry_reader_lambda_name" {
  description = "Name of the reader: PROMPT_REGISTRY_FUNCTION of agents."
  value       = aws_lambda_function.this["reader"].function_name
}

output "prompt_table_name" {
  description = "Name of the table."
  value       = aws_dynamodb_table.prompts.name
}

output "prompt_table_arn" {
  description = "ARN of the table."
  value       = aws_dynamodb_table.prompts.arn
}

output "prompt_bucket_name" {
  description = "Name of the bucket, available once its encryption and versioning are on."
  value       = aws_s3_bucket.prompts.id

  depends_on = [
    aws_s3_bucket_versioning.prompts,
    aws_s3_bucket_server_side_encryption_configuration.prompts,
  ]
}

output "prompt_bucket_arn" {
  description = "ARN of the bucket."
  value       = aws_s3_bucket.prompts.arn
}

output "kms_key_arn" {
  description = "Key of table and bucket; null if AWS provides it."
  value       = local.key
}

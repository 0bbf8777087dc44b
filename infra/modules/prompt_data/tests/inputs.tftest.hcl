# terraform test: how the inputs change the plan, without an account.

mock_provider "aws" {
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
}

variables {
  resource_prefix = "acme"
  environment     = "production"
}

run "the_defaults_lose_nothing" {
  command = plan

  assert {
    condition = (
      aws_dynamodb_table.prompts.hash_key == "prompt_key" && aws_dynamodb_table.prompts.range_key == "version" &&
      aws_dynamodb_table.prompts.billing_mode == "PAY_PER_REQUEST"
    )
    error_message = "The table has the registry's keys, and is billed per request."
  }
  assert {
    condition = (
      aws_dynamodb_table.prompts.deletion_protection_enabled && !aws_s3_bucket.prompts.force_destroy &&
      aws_dynamodb_table.prompts.point_in_time_recovery[0].enabled
    )
    error_message = "Neither the table nor a bucket with content can be deleted by mistake, and the table can be restored."
  }
  assert {
    condition     = aws_s3_bucket_versioning.prompts.versioning_configuration[0].status == "Enabled"
    error_message = "Replaced objects can be brought back."
  }
  assert {
    condition     = length(aws_kms_key.prompts) == 1 && aws_kms_key.prompts[0].enable_key_rotation
    error_message = "Table and bucket have a key that is rotated."
  }
  assert {
    condition     = length(aws_s3_bucket_policy.prompts) == 1
    error_message = "The bucket refuses requests without TLS."
  }
  assert {
    condition     = aws_s3_bucket.prompts.bucket == "acme-production-prompts-123456789012"
    error_message = "The bucket's name is unique to the account."
  }
}

run "a_given_key_encrypts_both" {
  command = plan
  variables {
    create_kms_key = false
    kms_key_arn    = "arn:aws:kms:eu-central-1:123456789012:key/given"
  }

  assert {
    condition = (
      length(aws_kms_key.prompts) == 0 &&
      aws_dynamodb_table.prompts.server_side_encryption[0].kms_key_arn == var.kms_key_arn &&
      one(one(aws_s3_bucket_server_side_encryption_configuration.prompts.rule).apply_server_side_encryption_by_default).kms_master_key_id == var.kms_key_arn
    )
    error_message = "A given key is used for table and bucket, and none is created."
  }
}

run "keys_of_aws_are_enough" {
  command = plan
  variables { create_kms_key = false }

  assert {
    condition = (
      length(aws_dynamodb_table.prompts.server_side_encryption) == 0 &&
      one(one(aws_s3_bucket_server_side_encryption_configuration.prompts.rule).apply_server_side_encryption_by_default).sse_algorithm == "AES256" &&
      output.kms_key_arn == null
    )
    error_message = "Without a key, AWS encrypts with its own."
  }
}

run "an_empty_string_counts_as_unset" {
  command = plan
  variables {
    create_kms_key = false
    kms_key_arn    = ""
  }

  assert {
    condition = (
      length(aws_dynamodb_table.prompts.server_side_encryption) == 0 &&
      one(one(aws_s3_bucket_server_side_encryption_configuration.prompts.rule).apply_server_side_encryption_by_default).sse_algorithm == "AES256" &&
      output.kms_key_arn == null
    )
    error_message = "An empty key counts as unset."
  }
}

run "null_counts_as_unset" {
  command = plan
  variables {
    kms_key_arn                 = null
    create_kms_key              = null
    deletion_protection         = null
    point_in_time_recovery_days = null
    noncurrent_version_days     = null
    tls_only                    = null
    tags                        = null
  }

  assert {
    condition     = length(aws_kms_key.prompts) == 1 && aws_dynamodb_table.prompts.deletion_protection_enabled
    error_message = "Null selects the default."
  }
}

run "unprotected_data_can_be_deleted" {
  command = plan
  variables { deletion_protection = false }

  assert {
    condition     = !aws_dynamodb_table.prompts.deletion_protection_enabled && aws_s3_bucket.prompts.force_destroy
    error_message = "Without protection everything can be deleted."
  }
}

run "every_input_is_checked" {
  command = plan
  variables {
    resource_prefix             = "Acme"
    environment                 = "prod"
    kms_key_arn                 = "alias/prompts"
    point_in_time_recovery_days = 36
    noncurrent_version_days     = 0
  }

  expect_failures = [
    var.resource_prefix,
    var.environment,
    var.kms_key_arn,
    var.point_in_time_recovery_days,
    var.noncurrent_version_days,
  ]
}

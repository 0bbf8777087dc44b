# Table and bucket of one environment, for platforms without their own.

data "aws_caller_identity" "current" {}

locals {
  name = "${var.resource_prefix}-${var.environment}-prompts"
  # Platforms pass "" for values they do not have, so an empty string counts as unset.
  given_key = var.kms_key_arn == "" ? null : var.kms_key_arn
  key       = var.create_kms_key ? aws_kms_key.prompts[0].arn : local.given_key
}

resource "aws_kms_key" "prompts" {
  count = var.create_kms_key ? 1 : 0

  description             = "Encrypts the prompts of ${local.name}"
  enable_key_rotation     = true
  deletion_window_in_days = var.deletion_protection ? 30 : 7
  tags                    = var.tags
}

resource "aws_kms_alias" "prompts" {
  count = var.create_kms_key ? 1 : 0

  name          = "alias/${local.name}"
  target_key_id = aws_kms_key.prompts[0].key_id
}

resource "aws_dynamodb_table" "prompts" {
  name                        = local.name
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "prompt_key"
  range_key                   = "version"
  deletion_protection_enabled = var.deletion_protection
  tags                        = var.tags

  attribute {
    name = "prompt_key"
    type = "S"
  }

  attribute {
    name = "version"
    type = "S"
  }

  # Only counted reads have it.
  ttl {
    attribute_name = "expires_at"
    enabled        = true
  }

  point_in_time_recovery {
    enabled                 = true
    recovery_period_in_days = var.point_in_time_recovery_days
  }

  # Without a customer key, DynamoDB encrypts with a key that AWS owns.
  dynamic "server_side_encryption" {
    for_each = var.create_kms_key ? [1] : (local.given_key == null ? [] : [1])
    content {
      enabled     = true
      kms_key_arn = local.key
    }
  }
}

resource "aws_s3_bucket" "prompts" {
  bucket        = "${local.name}-${data.aws_caller_identity.current.account_id}"
  force_destroy = !var.deletion_protection
  tags          = var.tags
}

resource "aws_s3_bucket_versioning" "prompts" {
  bucket = aws_s3_bucket.prompts.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "prompts" {
  bucket = aws_s3_bucket.prompts.id

  rule {
    # With a bucket key, S3 calls KMS occasionally instead of for each object.
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm     = var.create_kms_key || local.given_key != null ? "aws:kms" : "AES256"
      kms_master_key_id = local.key
    }
  }
}

resource "aws_s3_bucket_ownership_controls" "prompts" {
  bucket = aws_s3_bucket.prompts.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_public_access_block" "prompts" {
  bucket = aws_s3_bucket.prompts.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

data "aws_iam_policy_document" "bucket" {
  statement {
    sid       = "OnlyTls"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.prompts.arn, "${aws_s3_bucket.prompts.arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_s3_bucket_policy" "prompts" {
  count = var.tls_only ? 1 : 0

  bucket = aws_s3_bucket.prompts.id
  policy = data.aws_iam_policy_document.bucket.json

  # Both change the rules for bucket policies, and S3 refuses to do that concurrently.
  depends_on = [aws_s3_bucket_public_access_block.prompts]
}

resource "aws_s3_bucket_lifecycle_configuration" "prompts" {
  bucket = aws_s3_bucket.prompts.id

  rule {
    id     = "old-versions"
    status = "Enabled"

    filter {}

    noncurrent_version_expiration {
      noncurrent_days = var.noncurrent_version_days
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }

  # The rule applies to noncurrent versions, so versioning must be on first.
  depends_on = [aws_s3_bucket_versioning.prompts]
}

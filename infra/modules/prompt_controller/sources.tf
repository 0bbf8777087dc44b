# The sources document has a bucket of its own: whoever may write it says which repositories become prompts, so the
# registry's writer, who may write anywhere in the bucket of prompts, must not reach it.

locals {
  sources_key = "promptctl.yaml"

  # What the document takes from secrets. The next secret of a webhook is there only while it is being changed.
  named_variables = flatten([for source in local.sources : [
    try(source.credentials.passwordEnv, []), try(source.credentials.privateKeyEnv, []),
    try(source.reports.credentials.passwordEnv, []), try(source.reports.credentials.privateKeyEnv, []),
    try(source.webhook.secretEnv, []),
  ]])
  variables_without_secret = [for variable in distinct(local.named_variables) : variable if !contains(keys(var.secrets), variable)]
}

# What is not said here, S3 does by itself: it encrypts, and knows no owners of single objects.
resource "aws_s3_bucket" "sources" {
  bucket = "${lower(replace(var.resource_prefix, "_", "-"))}-${var.environment}-sources-${data.aws_caller_identity.current.account_id}"
  tags   = var.tags
}

resource "aws_s3_bucket_public_access_block" "sources" {
  bucket = aws_s3_bucket.sources.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_server_side_encryption_configuration" "sources" {
  count = var.kms_key_arn == null ? 0 : 1

  bucket = aws_s3_bucket.sources.id

  rule {
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = var.kms_key_arn
    }
  }
}

data "aws_iam_policy_document" "bucket" {
  statement {
    sid       = "OnlyTls"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.sources.arn, "${aws_s3_bucket.sources.arn}/*"]

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

resource "aws_s3_bucket_policy" "sources" {
  count = var.tls_only ? 1 : 0

  bucket = aws_s3_bucket.sources.id
  policy = data.aws_iam_policy_document.bucket.json

  # Both change what S3 lets a bucket's policy be, and not at the same time.
  depends_on = [aws_s3_bucket_public_access_block.sources]
}

resource "aws_s3_object" "sources" {
  bucket       = aws_s3_bucket.sources.id
  key          = local.sources_key
  content      = var.sources
  content_type = "application/yaml"

  lifecycle {
    precondition {
      condition     = length(local.variables_without_secret) == 0
      error_message = "The sources take secrets from ${join(", ", local.variables_without_secret)}; say in \"secrets\" where each of them is kept."
    }
  }

  # So that the object has the key from its first version on.
  depends_on = [aws_s3_bucket_server_side_encryption_configuration.sources]
}

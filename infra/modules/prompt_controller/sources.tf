# The sources document has its own bucket, because anybody who can write it decides which repositories become
# prompts. The registry's writer can write anywhere in the prompt bucket, so it must not reach this one.

locals {
  sources_key = "promptctl.yaml"

  # The secrets that the document refers to. The next secret of a webhook exists only during a rotation.
  named_variables = flatten([try(yamldecode(var.sources).proof.keyEnv, []), [for source in local.sources : [
    try(source.credentials.passwordEnv, []), try(source.credentials.privateKeyEnv, []),
    try(source.reports.credentials.passwordEnv, []), try(source.reports.credentials.privateKeyEnv, []),
    try(source.webhook.secretEnv, []),
  ]]])
  variables_without_secret = [for variable in distinct(local.named_variables) : variable if !contains(keys(var.secrets), variable)]
}

# S3 encrypts by default and disables object ACLs.
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

# Created with or without a key, because a key from the same apply is unknown while planning, and the number of
# resources must be known.
resource "aws_s3_bucket_server_side_encryption_configuration" "sources" {
  bucket = aws_s3_bucket.sources.id

  rule {
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm     = local.kms_key_arn == null ? "AES256" : "aws:kms"
      kms_master_key_id = local.kms_key_arn
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

  # Both change the rules for bucket policies, and S3 refuses to do that concurrently.
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
      error_message = "The sources name ${join(", ", local.variables_without_secret)}, and secrets has no ARN for it. Add each of them to secrets."
    }
  }

  # So that the first version of the object is encrypted with the key.
  depends_on = [aws_s3_bucket_server_side_encryption_configuration.sources]
}

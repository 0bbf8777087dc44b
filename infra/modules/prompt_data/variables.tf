variable "resource_prefix" {
  description = "Prefix of every name, usually the platform's own name. At most 30 characters."
  type        = string

  validation {
    # A bucket name has at most 63 characters, and up to 32 are added to the prefix.
    condition     = can(regex("^[a-z][a-z0-9-]{0,29}$", var.resource_prefix))
    error_message = "resource_prefix must start with a lower-case letter and have at most 30 lower-case letters, digits and hyphens, such as \"acme\": it is part of a bucket's name."
  }
}

variable "environment" {
  description = "dev, staging or production. Part of every name."
  type        = string

  validation {
    condition     = contains(["dev", "staging", "production"], var.environment)
    error_message = "environment must be \"dev\", \"staging\" or \"production\"."
  }
}

variable "kms_key_arn" {
  description = "KMS key that encrypts table and bucket if create_kms_key is false. Default: keys of AWS."
  type        = string
  default     = null

  validation {
    condition     = try(length(var.kms_key_arn), 0) == 0 || can(regex("^arn:[^:]+:kms:[^:]+:[^:]*:key/.+$", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a key, such as \"arn:aws:kms:eu-central-1:123456789012:key/…\", not of an alias."
  }
}

variable "create_kms_key" {
  description = "Create a KMS key for table and bucket, rotated yearly."
  type        = bool
  default     = true
  nullable    = false
}

variable "deletion_protection" {
  description = "Refuse to delete the table, and the bucket unless it is empty. False only if the data may be lost."
  type        = bool
  default     = true
  nullable    = false
}

variable "point_in_time_recovery_days" {
  description = "Number of days back to which the table can be restored."
  type        = number
  default     = 35
  nullable    = false

  validation {
    condition     = var.point_in_time_recovery_days >= 1 && var.point_in_time_recovery_days <= 35
    error_message = "point_in_time_recovery_days must be between 1 and 35 (days)."
  }
}

variable "noncurrent_version_days" {
  description = "Number of days during which replaced and deleted objects can be restored. Not less than point_in_time_recovery_days, or a restored table could refer to deleted content."
  type        = number
  default     = 90
  nullable    = false

  validation {
    condition     = var.noncurrent_version_days >= 1
    error_message = "noncurrent_version_days must be at least 1 (day)."
  }
}

variable "tls_only" {
  description = "Refuse requests to the bucket without TLS. False only for an emulator."
  type        = bool
  default     = true
  nullable    = false
}

variable "tags" {
  description = "Tags of every resource."
  type        = map(string)
  default     = {}
  nullable    = false
}

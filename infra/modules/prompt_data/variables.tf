variable "resource_prefix" {
  description = "First part of every name, usually the platform's own name."
  type        = string

  validation {
    # A bucket's name has at most 63 characters, and up to 32 are added to the prefix.
    condition     = can(regex("^[a-z][a-z0-9-]{0,29}$", var.resource_prefix))
    error_message = "resource_prefix must begin with a lower-case letter and have at most 30 lower-case letters, digits and hyphens, because it is part of a bucket's name."
  }
}

variable "environment" {
  description = "dev, staging or production. Part of every name."
  type        = string

  validation {
    condition     = contains(["dev", "staging", "production"], var.environment)
    error_message = "environment must be dev, staging or production."
  }
}

variable "kms_key_arn" {
  description = "Key that encrypts table and bucket where create_kms_key is false. Null then leaves encryption to keys of AWS."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:[^:]+:kms:[^:]+:[^:]*:key/.+$", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a key, not of an alias."
  }
}

variable "create_kms_key" {
  description = "Makes a key for table and bucket, rotated yearly."
  type        = bool
  default     = true
  nullable    = false
}

variable "deletion_protection" {
  description = "Refuses to delete the table, and the bucket while it holds anything. False only for what may be lost."
  type        = bool
  default     = true
  nullable    = false
}

variable "point_in_time_recovery_days" {
  description = "How far back the table can be restored."
  type        = number
  default     = 35
  nullable    = false

  validation {
    condition     = var.point_in_time_recovery_days >= 1 && var.point_in_time_recovery_days <= 35
    error_message = "point_in_time_recovery_days must be between 1 and 35."
  }
}

variable "noncurrent_version_days" {
  description = "How long replaced and deleted objects can be brought back. Not less than point_in_time_recovery_days, or a restored table could name texts that are gone."
  type        = number
  default     = 90
  nullable    = false

  validation {
    condition     = var.noncurrent_version_days >= 1
    error_message = "noncurrent_version_days must be at least 1."
  }
}

variable "tls_only" {
  description = "Refuses requests to the bucket that come without TLS. False only for an emulator that has none."
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

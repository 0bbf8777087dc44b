variable "resource_prefix" {
  description = "First part of every name."
  type        = string
  default     = "acme"
  nullable    = false
}

variable "environment" {
  description = "dev, staging or production."
  type        = string
  default     = "dev"
  nullable    = false
}

variable "deletion_protection" {
  description = "Refuse to delete table and bucket. False before destroying the example."
  type        = bool
  default     = true
  nullable    = false
}

variable "alarm_topic_arn" {
  description = "SNS topic for alarms. Default: none."
  type        = string
  default     = null
}

variable "codebuild" {
  description = "Repository from which CodeBuild builds Prompt Registry. Default: no CodeBuild project."
  type = object({
    location = string
    type     = optional(string, "GITHUB")
    version  = optional(string, "main")
  })
  default = null
}

variable "sources" {
  description = "The sources document: which repositories become prompts. Default: no controller."
  type        = string
  default     = null
}

variable "secrets" {
  description = "ARN of each secret or parameter, by the variable that the sources refer to."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "tags" {
  description = "Tags of every resource."
  type        = map(string)
  default     = { application = "prompt-registry-example" }
  nullable    = false
}

# Only for an emulator. Keep the defaults on AWS.

variable "s3_use_path_style" {
  description = "Put the bucket in the path of S3's addresses, not in the host name."
  type        = bool
  default     = false
  nullable    = false
}

variable "tls_only" {
  description = "Refuse requests to buckets without TLS."
  type        = bool
  default     = true
  nullable    = false
}

variable "skip_metadata_api_check" {
  description = "Skip looking for credentials on an EC2 instance."
  type        = bool
  default     = false
  nullable    = false
}

variable "skip_credentials_validation" {
  description = "Skip checking the credentials with STS."
  type        = bool
  default     = false
  nullable    = false
}

variable "skip_region_validation" {
  description = "Accept regions unknown to the provider."
  type        = bool
  default     = false
  nullable    = false
}

variable "resource_prefix" {
  description = "First part of every name."
  type        = string
  default     = "acme"
}

variable "environment" {
  description = "dev, staging or production."
  type        = string
  default     = "dev"
}

variable "deletion_protection" {
  description = "Protects table and bucket. False where the whole example is to be destroyed again."
  type        = bool
  default     = true
}

variable "alarm_topic_arn" {
  description = "SNS topic for alarms."
  type        = string
  default     = null
}

variable "codebuild" {
  description = "Where CodeBuild finds the source of Prompt Registry. Null for no CodeBuild project."
  type = object({
    location = string
    type     = optional(string, "GITHUB")
    version  = optional(string, "main")
  })
  default = null
}

variable "sources" {
  description = "The sources document: which repositories become prompts. Null for no controller."
  type        = string
  default     = null
}

variable "secrets" {
  description = "By the variable that the sources name, the ARN of the secret or parameter where its value is kept."
  type        = map(string)
  default     = {}
}

variable "tags" {
  description = "Tags of every resource."
  type        = map(string)
  default     = { application = "prompt-registry-example" }
}

# What an emulator needs to be told. Leave these alone on AWS.

variable "s3_use_path_style" {
  description = "Buckets in the path, not in the host name."
  type        = bool
  default     = false
}

variable "tls_only" {
  description = "Refuse requests to the bucket that come without TLS."
  type        = bool
  default     = true
}

variable "skip_metadata_api_check" {
  description = "Do not look for credentials on an EC2 instance."
  type        = bool
  default     = false
}

variable "skip_credentials_validation" {
  description = "Do not check the credentials with STS first."
  type        = bool
  default     = false
}

variable "skip_region_validation" {
  description = "Accept regions that the provider does not know."
  type        = bool
  default     = false
}

# What the platform passes.

variable "resource_prefix" {
  description = "First part of every name, usually the platform's own name."
  type        = string

  validation {
    # Lambda allows 64 characters, and the longest name adds 34 to the prefix.
    condition     = can(regex("^[A-Za-z][A-Za-z0-9_-]{0,29}$", var.resource_prefix))
    error_message = "resource_prefix must begin with a letter and have at most 30 letters, digits, hyphens and underscores, because names of functions end at 64 characters."
  }
}

variable "environment" {
  description = "dev, staging or production. Part of every name, and decides which modes are answered."
  type        = string

  validation {
    condition     = contains(["dev", "staging", "production"], var.environment)
    error_message = "environment must be dev, staging or production."
  }
}

variable "prompt_table_name" {
  description = "DynamoDB table of the prompts: hash key prompt_key, range key version."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9_.-]{3,255}$", var.prompt_table_name))
    error_message = "prompt_table_name must be the name of a DynamoDB table, not its ARN."
  }
}

variable "prompt_table_arn" {
  description = "ARN of that table."
  type        = string

  validation {
    condition     = can(regex("^arn:[^:]+:dynamodb:[^:]+:[^:]*:table/[^/]+$", var.prompt_table_arn))
    error_message = "prompt_table_arn must be the ARN of a DynamoDB table, such as arn:aws:dynamodb:eu-central-1:123456789012:table/prompts."
  }
}

variable "prompt_bucket_name" {
  description = "S3 bucket of the prompts' texts."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.prompt_bucket_name))
    error_message = "prompt_bucket_name must be the name of an S3 bucket, not its ARN."
  }
}

variable "prompt_bucket_arn" {
  description = "ARN of that bucket."
  type        = string

  validation {
    condition     = can(regex("^arn:[^:]+:s3:::[^/*]+$", var.prompt_bucket_arn))
    error_message = "prompt_bucket_arn must be the ARN of a bucket, without a key or *, such as arn:aws:s3:::prompts."
  }
}

variable "storage_kms_key_arn" {
  description = "Key that encrypts the bucket. Null where the bucket uses a key of AWS."
  type        = string
  default     = null

  validation {
    condition     = var.storage_kms_key_arn == null || can(regex("^arn:[^:]+:kms:[^:]+:[^:]*:key/.+$", var.storage_kms_key_arn))
    error_message = "storage_kms_key_arn must be the ARN of a key, not of an alias: permissions on an alias do not reach its key."
  }
}

variable "data_kms_key_arn" {
  description = "Key that encrypts the table. Null to look it up from the table."
  type        = string
  default     = null

  validation {
    condition     = var.data_kms_key_arn == null || can(regex("^arn:[^:]+:kms:[^:]+:[^:]*:key/.+$", var.data_kms_key_arn))
    error_message = "data_kms_key_arn must be the ARN of a key, not of an alias: permissions on an alias do not reach its key."
  }
}

variable "tags" {
  description = "Tags of every resource."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "ssm_prefix" {
  description = "Exports the writer's URL as the SSM parameter /{ssm_prefix}/prompt-registry/url. Null for no parameter."
  type        = string
  default     = null

  validation {
    condition     = var.ssm_prefix == null || can(regex("^/?[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*/?$", var.ssm_prefix))
    error_message = "ssm_prefix must be a path of letters, digits, dots, hyphens and underscores, such as acme/dev; leave it out for no parameter."
  }
}

# What can be tuned. The defaults suit most.

variable "allowed_modes" {
  description = "Modes that both functions answer. Null: in dev all of them, elsewhere only those that never show a draft (staging, production)."
  type        = list(string)
  default     = null

  validation {
    condition = var.allowed_modes == null || (
      length(coalesce(var.allowed_modes, [])) > 0 &&
      alltrue([for mode in coalesce(var.allowed_modes, []) : contains(["simulation", "dev", "staging", "production"], mode)])
    )
    error_message = "allowed_modes must name at least one of simulation, dev, staging, production."
  }
}

variable "deprecated_pins" {
  description = "Whether a pin to a former release is served in staging and production (serve), or answered 404 (block)."
  type        = string
  default     = "serve"
  nullable    = false

  validation {
    condition     = contains(["serve", "block"], var.deprecated_pins)
    error_message = "deprecated_pins must be serve or block."
  }
}

variable "writer_timeout_seconds" {
  description = "How long the writer may take for a request. A batch of 100 pushes needs the most."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.writer_timeout_seconds >= 1 && var.writer_timeout_seconds <= 900
    error_message = "writer_timeout_seconds must be between 1 and 900."
  }
}

variable "reader_timeout_seconds" {
  description = "How long the reader may take for a request. Clients wait 10 seconds unless told otherwise."
  type        = number
  default     = 10
  nullable    = false

  validation {
    condition     = var.reader_timeout_seconds >= 1 && var.reader_timeout_seconds <= 900
    error_message = "reader_timeout_seconds must be between 1 and 900."
  }
}

variable "tracing" {
  description = "Whether requests are traced with X-Ray. False: only those that came with a trace of their caller."
  type        = bool
  default     = true
  nullable    = false
}

variable "log_level" {
  description = "DEBUG, INFO, WARN or ERROR."
  type        = string
  default     = "INFO"
  nullable    = false

  validation {
    condition     = contains(["DEBUG", "INFO", "WARN", "ERROR"], var.log_level)
    error_message = "log_level must be DEBUG, INFO, WARN or ERROR."
  }
}

variable "log_retention_days" {
  description = "How long logs are kept."
  type        = number
  default     = 30
  nullable    = false

  validation {
    # The values that CloudWatch Logs takes, without 0, which keeps logs (and their cost) for ever.
    condition = contains(
      [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653],
      var.log_retention_days,
    )
    error_message = "log_retention_days must be a retention that CloudWatch Logs offers: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653."
  }
}

variable "alarm_topic_arn" {
  description = "SNS topic that is told when an alarm goes off and when it is over. Null: the alarms exist and tell nobody."
  type        = string
  default     = null

  validation {
    condition     = var.alarm_topic_arn == null || can(regex("^arn:[^:]+:sns:[^:]+:[^:]*:[^:]+$", var.alarm_topic_arn))
    error_message = "alarm_topic_arn must be the ARN of an SNS topic."
  }
}

variable "codebuild" {
  description = <<-EOT
    Makes a CodeBuild project that builds the bundle from source and deploys it to both functions. Null for none.
    location: HTTPS address of this project's repository. type: GITHUB, GITHUB_ENTERPRISE, GITLAB, BITBUCKET or CODECOMMIT.
    version: branch, tag or commit that is built unless a build is started with another.
    also: ARNs of further functions that are deployed with the registry, by the name of their bundle: those of the module
    prompt_controller, as { controller = ..., webhooks = ... }.
    A private repository needs the account's source credentials for CodeBuild (aws codebuild import-source-credentials).
  EOT
  type = object({
    location = string
    type     = optional(string, "GITHUB")
    version  = optional(string, "main")
    also     = optional(map(string), {})
  })
  default = null

  validation {
    condition = var.codebuild == null || (
      can(regex("^https://", var.codebuild.location)) &&
      try(contains(["GITHUB", "GITHUB_ENTERPRISE", "GITLAB", "BITBUCKET", "CODECOMMIT"], var.codebuild.type), false) &&
      alltrue([for bundle in keys(try(var.codebuild.also, {})) : contains(["controller", "webhooks"], bundle)])
    )
    error_message = "codebuild needs an https:// location, and a type of GITHUB, GITHUB_ENTERPRISE, GITLAB, BITBUCKET or CODECOMMIT; also may name controller and webhooks."
  }
}

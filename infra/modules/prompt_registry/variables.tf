# Inputs from the platform.

variable "resource_prefix" {
  description = "Prefix of every name, usually the platform's own name. At most 30 characters."
  type        = string

  validation {
    # Lambda allows 64 characters, and names add up to 34 to the prefix.
    condition     = can(regex("^[A-Za-z][A-Za-z0-9_-]{0,29}$", var.resource_prefix))
    error_message = "resource_prefix must start with a letter and have at most 30 letters, digits, hyphens and underscores, such as \"acme\": function names are limited to 64 characters."
  }
}

variable "environment" {
  description = "dev, staging or production. Part of every name. Decides which modes are served."
  type        = string

  validation {
    condition     = contains(["dev", "staging", "production"], var.environment)
    error_message = "environment must be \"dev\", \"staging\" or \"production\"."
  }
}

variable "prompt_table_name" {
  description = "Name of the DynamoDB table of the prompts. Hash key: prompt_key. Range key: version. Both are strings."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9_.-]{3,255}$", var.prompt_table_name))
    error_message = "prompt_table_name must be the name of a DynamoDB table, such as \"acme-dev-prompts\", not its ARN."
  }
}

variable "prompt_table_arn" {
  description = "ARN of that table."
  type        = string

  validation {
    condition     = can(regex("^arn:[^:]+:dynamodb:[^:]+:[^:]*:table/[^/]+$", var.prompt_table_arn))
    error_message = "prompt_table_arn must be the ARN of a DynamoDB table, such as \"arn:aws:dynamodb:eu-central-1:123456789012:table/prompts\"."
  }
}

variable "prompt_bucket_name" {
  description = "Name of the S3 bucket with the content of the prompts."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.prompt_bucket_name))
    error_message = "prompt_bucket_name must be the name of an S3 bucket, such as \"acme-dev-prompts\", not its ARN."
  }
}

variable "prompt_bucket_arn" {
  description = "ARN of that bucket."
  type        = string

  validation {
    condition     = can(regex("^arn:[^:]+:s3:::[^/*]+$", var.prompt_bucket_arn))
    error_message = "prompt_bucket_arn must be the ARN of a bucket without a key or *, such as \"arn:aws:s3:::prompts\"."
  }
}

variable "storage_kms_key_arn" {
  description = "KMS key that encrypts the bucket. Leave it out if AWS provides the key."
  type        = string
  default     = null

  validation {
    condition     = try(length(var.storage_kms_key_arn), 0) == 0 || can(regex("^arn:[^:]+:kms:[^:]+:[^:]*:key/.+$", var.storage_kms_key_arn))
    error_message = "storage_kms_key_arn must be the ARN of a key, such as \"arn:aws:kms:eu-central-1:123456789012:key/…\". The ARN of an alias does not work: permissions on an alias do not reach its key."
  }
}

variable "data_kms_key_arn" {
  description = "KMS key that encrypts the table. Default: looked up from the table."
  type        = string
  default     = null

  validation {
    condition     = try(length(var.data_kms_key_arn), 0) == 0 || can(regex("^arn:[^:]+:kms:[^:]+:[^:]*:key/.+$", var.data_kms_key_arn))
    error_message = "data_kms_key_arn must be the ARN of a key, such as \"arn:aws:kms:eu-central-1:123456789012:key/…\". The ARN of an alias does not work: permissions on an alias do not reach its key."
  }
}

variable "tags" {
  description = "Tags of every resource."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "ssm_prefix" {
  description = "Export prompt_registry_url as the SSM parameter /{ssm_prefix}/prompt-registry/url. Leave it out for no parameter."
  type        = string
  default     = null

  validation {
    condition     = try(length(var.ssm_prefix), 0) == 0 || can(regex("^/?[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*/?$", var.ssm_prefix))
    error_message = "ssm_prefix must be a path of letters, digits, dots, hyphens and underscores, such as \"acme/dev\". Leave it out for no parameter."
  }
}

# Access.

variable "primary_endpoint" {
  description = <<-EOT
    The function behind the outputs prompt_registry_url, prompt_registry_lambda_arn and prompt_registry_lambda_name:
    "writer", as the platform's contract has it, or "reader". If those outputs go to agents, choose "reader": whoever may
    invoke the writer is admin of every prompt. Both functions have outputs of their own as well.
  EOT
  type        = string
  default     = "writer"
  nullable    = false

  validation {
    condition     = contains(["", "writer", "reader"], var.primary_endpoint)
    error_message = "primary_endpoint must be \"writer\" or \"reader\"."
  }
}

variable "allowed_modes" {
  description = "Modes that both functions serve. Default: all in dev, elsewhere those without drafts (staging, production)."
  type        = list(string)
  default     = null

  validation {
    condition     = alltrue([for mode in compact(coalesce(var.allowed_modes, [])) : contains(["simulation", "dev", "staging", "production"], mode)])
    error_message = "allowed_modes may contain \"simulation\", \"dev\", \"staging\" and \"production\". Leave it out for the modes that suit the environment."
  }
}

variable "deprecated_pins" {
  description = "How staging and production handle a pin to an earlier release: \"serve\" it, or \"block\" it with 404."
  type        = string
  default     = "serve"
  nullable    = false

  validation {
    condition     = contains(["", "serve", "block"], var.deprecated_pins)
    error_message = "deprecated_pins must be \"serve\" or \"block\"."
  }
}

variable "changed_inputs" {
  description = "How the registry handles a release that breaks callers in a smaller step than major: \"report\" it, or \"enforce\" that it waits."
  type        = string
  default     = "report"
  nullable    = false

  validation {
    condition     = contains(["", "report", "enforce"], var.changed_inputs)
    error_message = "changed_inputs must be \"report\" or \"enforce\"."
  }
}

variable "reads_sample_rate" {
  description = "The share of reads that is counted, from 0 (none) to 1 (all). A lower one makes fewer writes, and the counts an estimate."
  type        = number
  default     = 1

  validation {
    condition     = var.reads_sample_rate == null ? true : var.reads_sample_rate >= 0 && var.reads_sample_rate <= 1
    error_message = "reads_sample_rate must be a number from 0 to 1."
  }
}

variable "emergency_kms_key_arn" {
  description = "Key of AWS KMS that signs the sets of changes by hand: ECC_NIST_P256, for SIGN_VERIFY. The writer gets kms:Sign on it, and the reader nothing. Default: such changes of signed sets are refused."
  type        = string
  default     = null

  validation {
    condition     = try(length(var.emergency_kms_key_arn), 0) == 0 || can(regex("^arn:[^:]+:kms:[^:]+:[0-9]{12}:key/[A-Za-z0-9-]+$", var.emergency_kms_key_arn))
    error_message = "emergency_kms_key_arn must be the ARN of a key, such as \"arn:aws:kms:eu-central-1:123456789012:key/…\", not of an alias: permissions on an alias do not reach its key."
  }
}

variable "adopt_schedule" {
  description = <<-EOT
    How often the writer adopts seeded prompts, as a Scheduler expression such as "rate(1 hour)". An
    adopted prompt keeps its text whatever Terraform does to the object, so later edits of that object have no effect.
    Default: never.
  EOT
  type        = string
  default     = null

  validation {
    condition     = try(length(var.adopt_schedule), 0) == 0 || can(regex("^(rate|cron)\\(.+\\)$", var.adopt_schedule))
    error_message = "adopt_schedule must be an expression of EventBridge Scheduler, such as \"rate(1 hour)\" or \"cron(0 * * * ? *)\". Leave it out for no schedule."
  }
}

# Runtime settings. The defaults fit most platforms.

variable "memory_size" {
  description = "Memory of each function in MB. Its share of a processor grows with it."
  type        = number
  default     = 512
  nullable    = false

  validation {
    condition     = var.memory_size >= 128 && var.memory_size <= 10240
    error_message = "memory_size must be between 128 and 10240 (MB)."
  }
}

variable "writer_timeout_seconds" {
  description = "Timeout of the writer in seconds. A batch of 100 pushes takes longest."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.writer_timeout_seconds >= 1 && var.writer_timeout_seconds <= 900
    error_message = "writer_timeout_seconds must be between 1 and 900."
  }
}

variable "reader_timeout_seconds" {
  description = "Timeout of the reader in seconds. Clients wait 10 seconds by default."
  type        = number
  default     = 10
  nullable    = false

  validation {
    condition     = var.reader_timeout_seconds >= 1 && var.reader_timeout_seconds <= 900
    error_message = "reader_timeout_seconds must be between 1 and 900."
  }
}

variable "reserved_concurrency" {
  description = "Reserved concurrency of each function: how many requests it handles at a time, reserved from the account's concurrency. -1: no reservation."
  type        = number
  default     = -1
  nullable    = false

  validation {
    condition     = var.reserved_concurrency >= -1 && floor(var.reserved_concurrency) == var.reserved_concurrency
    error_message = "reserved_concurrency must be a whole number: -1 for none, 0 to stop both functions, or how many requests each may handle at a time."
  }
}

variable "writer_reserved_concurrency" {
  description = "Reserved concurrency of the writer. 0 stops all writes, as during a restore. Default: reserved_concurrency."
  type        = number
  default     = null

  validation {
    condition     = try(var.writer_reserved_concurrency >= -1 && floor(var.writer_reserved_concurrency) == var.writer_reserved_concurrency, true)
    error_message = "writer_reserved_concurrency must be a whole number: -1 for none, 0 to stop the writer, or how many requests it may handle at a time."
  }
}

variable "reader_reserved_concurrency" {
  description = "Reserved concurrency of the reader. Default: reserved_concurrency."
  type        = number
  default     = null

  validation {
    condition     = try(var.reader_reserved_concurrency >= -1 && floor(var.reader_reserved_concurrency) == var.reader_reserved_concurrency, true)
    error_message = "reader_reserved_concurrency must be a whole number: -1 for none, 0 to stop the reader, or how many requests it may handle at a time."
  }
}

variable "package" {
  description = <<-EOT
    Take the code of both functions from S3: { s3_bucket, s3_key, s3_object_version }. Another key or version deploys
    other code. Default: the functions start with a placeholder, and npm run deploy or CodeBuild deploys the code.
  EOT
  type = object({
    s3_bucket         = string
    s3_key            = string
    s3_object_version = optional(string)
  })
  default = null

  validation {
    condition     = try(length(var.package.s3_bucket) > 0 && length(var.package.s3_key) > 0, var.package == null)
    error_message = "package needs a bucket and a key, such as { s3_bucket = \"acme-artifacts\", s3_key = \"prompt-registry/1.0.0/registry.zip\" }."
  }
}

variable "vpc_config" {
  description = <<-EOT
    Attach both functions to a VPC: { subnet_ids, security_group_ids }. From there they must reach DynamoDB and S3, by
    gateway endpoints or a NAT gateway. Default: outside any VPC.
  EOT
  type = object({
    subnet_ids         = list(string)
    security_group_ids = list(string)
  })
  default = null

  validation {
    condition     = try((length(var.vpc_config.subnet_ids) == 0) == (length(var.vpc_config.security_group_ids) == 0), true)
    error_message = "vpc_config needs subnets and security groups, such as { subnet_ids = [\"subnet-1\", \"subnet-2\"], security_group_ids = [\"sg-1\"] }. Leave it out for functions outside a VPC."
  }
}

# Requirements of an organisation.

variable "permissions_boundary" {
  description = "ARN of the IAM policy used as the permissions boundary of every role. Default: none."
  type        = string
  default     = null

  validation {
    condition     = try(length(var.permissions_boundary), 0) == 0 || can(regex("^arn:[^:]+:iam::[^:]*:policy/.+$", var.permissions_boundary))
    error_message = "permissions_boundary must be the ARN of an IAM policy, such as \"arn:aws:iam::123456789012:policy/boundary\"."
  }
}

variable "role_path" {
  description = "Path of every role, such as \"/platform/\"."
  type        = string
  default     = "/"
  nullable    = false

  validation {
    condition     = can(regex("^(/([!-.0-~]+/)*)?$", var.role_path))
    error_message = "role_path must start and end with a slash, such as \"/platform/\"."
  }
}

variable "log_kms_key_arn" {
  description = "KMS key that encrypts the log groups. Its policy must let logs.<region>.amazonaws.com use it. Default: a key of AWS."
  type        = string
  default     = null

  validation {
    condition     = try(length(var.log_kms_key_arn), 0) == 0 || can(regex("^arn:[^:]+:kms:[^:]+:[^:]*:key/.+$", var.log_kms_key_arn))
    error_message = "log_kms_key_arn must be the ARN of a key, such as \"arn:aws:kms:eu-central-1:123456789012:key/…\", not of an alias."
  }
}

variable "environment_kms_key_arn" {
  description = "KMS key that encrypts the functions' environment variables. Default: a key of AWS."
  type        = string
  default     = null

  validation {
    condition     = try(length(var.environment_kms_key_arn), 0) == 0 || can(regex("^arn:[^:]+:kms:[^:]+:[^:]*:key/.+$", var.environment_kms_key_arn))
    error_message = "environment_kms_key_arn must be the ARN of a key, such as \"arn:aws:kms:eu-central-1:123456789012:key/…\", not of an alias."
  }
}

variable "tracing" {
  description = "Trace requests with X-Ray. False: only requests whose caller is traced."
  type        = bool
  default     = true
  nullable    = false
}

variable "log_level" {
  description = "Log level: DEBUG, INFO, WARN or ERROR."
  type        = string
  default     = "INFO"
  nullable    = false

  validation {
    condition     = contains(["", "DEBUG", "INFO", "WARN", "ERROR"], var.log_level)
    error_message = "log_level must be \"DEBUG\", \"INFO\", \"WARN\" or \"ERROR\"."
  }
}

variable "log_retention_days" {
  description = "Number of days to keep logs."
  type        = number
  default     = 30
  nullable    = false

  validation {
    # The retentions of CloudWatch Logs, except 0, which keeps logs (and their cost) indefinitely.
    condition = contains(
      [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653],
      var.log_retention_days,
    )
    error_message = "log_retention_days must be a retention that CloudWatch Logs offers: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653."
  }
}

variable "alarm_topic_arn" {
  description = "SNS topic that gets a message when an alarm goes off and when it ends. Default: none."
  type        = string
  default     = null

  validation {
    condition     = try(length(var.alarm_topic_arn), 0) == 0 || can(regex("^arn:[^:]+:sns:[^:]+:[^:]*:[^:]+$", var.alarm_topic_arn))
    error_message = "alarm_topic_arn must be the ARN of an SNS topic, such as \"arn:aws:sns:eu-central-1:123456789012:alarms\"."
  }
}

variable "alarm_actions" {
  description = "ARNs of further actions that every alarm starts, when it goes off and when it ends: SNS topics, Lambda functions, Systems Manager OpsItems or incidents."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in compact(var.alarm_actions) : can(regex("^arn:[^:]+:[^:]+:", arn))])
    error_message = "alarm_actions must be a list of ARNs, such as [\"arn:aws:sns:eu-central-1:123456789012:alarms\"]."
  }
}

variable "codebuild" {
  description = <<-EOT
    Create a CodeBuild project that builds the bundle from source and deploys it to both functions. Default: none.
    location: HTTPS address of this project's repository.
    type: GITHUB (default), GITHUB_ENTERPRISE, GITLAB, BITBUCKET or CODECOMMIT.
    version: branch, tag or commit to build (default: main); a build can be started with another one.
    also: ARNs of further functions to deploy, by the name of their bundle: those of the module prompt_controller, as
    { controller = ..., webhooks = ... }.
    A private repository needs source credentials of the account (aws codebuild import-source-credentials).
  EOT
  type = object({
    location = string
    type     = optional(string, "GITHUB")
    version  = optional(string, "main")
    also     = optional(map(string), {})
  })
  default = null

  validation {
    condition     = var.codebuild == null || can(regex("^https://", var.codebuild.location))
    error_message = "codebuild needs the HTTPS address of a repository, such as { location = \"https://github.com/acme/prompt-registry.git\" }."
  }

  validation {
    condition     = try(contains(["", "GITHUB", "GITHUB_ENTERPRISE", "GITLAB", "BITBUCKET", "CODECOMMIT"], var.codebuild.type), true)
    error_message = "The type of codebuild must be GITHUB, GITHUB_ENTERPRISE, GITLAB, BITBUCKET or CODECOMMIT."
  }

  validation {
    condition     = alltrue([for bundle in keys(try(coalesce(var.codebuild.also, {}), {})) : contains(["controller", "webhooks"], bundle)])
    error_message = "also of codebuild may have the keys controller and webhooks."
  }
}

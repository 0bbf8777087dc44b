variable "resource_prefix" {
  description = "Prefix of every name, as in prompt_registry. At most 30 characters."
  type        = string

  validation {
    # Lambda allows 64 characters, and names add up to 29 to the prefix; a bucket allows 63, and its name adds 32.
    condition     = can(regex("^[A-Za-z][A-Za-z0-9_-]{0,29}$", var.resource_prefix))
    error_message = "resource_prefix must start with a letter and have at most 30 letters, digits, hyphens and underscores, such as \"acme\": bucket names are limited to 63 characters."
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

variable "registry_function_name" {
  description = "Name of the registry's writer: prompt_registry_writer_lambda_name of the module prompt_registry."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,64}$", var.registry_function_name))
    error_message = "registry_function_name must be the name of a function, such as \"acme-dev-prompt-registry\", not its ARN."
  }
}

variable "registry_function_arn" {
  description = "ARN of the registry's writer: prompt_registry_writer_lambda_arn."
  type        = string

  validation {
    condition     = can(regex("^arn:[^:]+:lambda:[^:]+:[^:]*:function:[^:]+$", var.registry_function_arn))
    error_message = "registry_function_arn must be the ARN of a function without a version, such as \"arn:aws:lambda:eu-central-1:123456789012:function:acme-dev-prompt-registry\"."
  }
}

variable "sources" {
  description = <<-EOT
    The sources document as text: the "sources:" of a promptctl.yaml, in YAML or JSON, usually file("promptctl.yaml"). It
    must be known when planning. "registry:" and "cache:" in it are not used.
  EOT
  type        = string

  validation {
    condition     = can([for source in yamldecode(var.sources).sources : "${source.name} ${source.repository}"])
    error_message = "sources must be YAML or JSON with a list \"sources\" whose entries have a name and a repository, such as \"sources: [{ name: support, repository: acme/support-prompts }]\". An empty list is written \"sources: []\"."
  }
}

variable "secrets" {
  description = <<-EOT
    ARNs of the secrets, by the variable that the sources name in passwordEnv, privateKeyEnv, secretEnv and
    nextSecretEnv: the ARN of a secret in Secrets Manager, followed by #key if the secret is a JSON object, or the ARN of
    a parameter in SSM. Values never pass through Terraform.
  EOT
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition = alltrue([
      for reference in values(var.secrets) :
      can(regex("^arn:[^:]+:(secretsmanager:[^:]+:[^:]*:secret:[^#]+(#[^#]+)?|ssm:[^:]+:[^:]*:parameter/[^#]+)$", reference))
    ])
    error_message = "Each of secrets must be the ARN of a secret in Secrets Manager, with or without #key, or of an SSM parameter, such as \"arn:aws:ssm:eu-central-1:123456789012:parameter/acme/hook\"."
  }
}

variable "secrets_kms_key_arns" {
  description = "KMS keys of the account that encrypt those secrets. Not needed for keys of AWS."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for key in compact(var.secrets_kms_key_arns) : can(regex("^arn:[^:]+:kms:[^:]+:[^:]*:key/.+$", key))])
    error_message = "secrets_kms_key_arns must be ARNs of keys, such as [\"arn:aws:kms:eu-central-1:123456789012:key/…\"], not of aliases: permissions on an alias do not reach its key."
  }
}

variable "kms_key_arn" {
  description = "KMS key that encrypts the sources document. Default: S3's own key."
  type        = string
  default     = null

  validation {
    condition     = try(length(var.kms_key_arn), 0) == 0 || can(regex("^arn:[^:]+:kms:[^:]+:[^:]*:key/.+$", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a key, such as \"arn:aws:kms:eu-central-1:123456789012:key/…\", not of an alias: permissions on an alias do not reach its key."
  }
}

variable "tags" {
  description = "Tags of every resource."
  type        = map(string)
  default     = {}
  nullable    = false
}

# Code.

variable "package_type" {
  description = "\"zip\": reads GitHub through its API; the code is deployed afterwards, or comes from S3. \"image\": has git and reads any server; needs image_uri."
  type        = string
  default     = "zip"
  nullable    = false

  validation {
    condition     = contains(["", "zip", "image"], var.package_type)
    error_message = "package_type must be \"zip\" or \"image\"."
  }
}

variable "image_uri" {
  description = "Image of the controller in ECR, built from infra/Dockerfile for linux/arm64. Another tag or digest deploys other code."
  type        = string
  default     = null

  validation {
    condition     = try(length(var.image_uri), 0) == 0 || can(regex("^[0-9]{12}\\.dkr\\.ecr\\.[^/]+/[^:@]+(:|@sha256:)[A-Za-z0-9._-]+$", var.image_uri))
    error_message = "image_uri must name an image in ECR with its tag or digest, such as \"123456789012.dkr.ecr.eu-central-1.amazonaws.com/prompt-controller:1.0.0\"."
  }
}

variable "package" {
  description = <<-EOT
    Take the controller's code from S3: { s3_bucket, s3_key, s3_object_version }. Another key or version deploys other
    code. Default: the function starts with a placeholder, and npm run deploy or CodeBuild brings the code.
  EOT
  type = object({
    s3_bucket         = string
    s3_key            = string
    s3_object_version = optional(string)
  })
  default = null

  validation {
    condition     = try(length(var.package.s3_bucket) > 0 && length(var.package.s3_key) > 0, var.package == null)
    error_message = "package needs a bucket and a key, such as { s3_bucket = \"acme-artifacts\", s3_key = \"prompt-registry/1.0.0/controller.zip\" }."
  }
}

variable "webhooks_package" {
  description = "Take the code of the webhooks' function from S3, in the same way."
  type = object({
    s3_bucket         = string
    s3_key            = string
    s3_object_version = optional(string)
  })
  default = null

  validation {
    condition     = try(length(var.webhooks_package.s3_bucket) > 0 && length(var.webhooks_package.s3_key) > 0, var.webhooks_package == null)
    error_message = "webhooks_package needs a bucket and a key, such as { s3_bucket = \"acme-artifacts\", s3_key = \"prompt-registry/1.0.0/webhooks.zip\" }."
  }
}

# Runtime settings. The defaults fit most platforms.

variable "timeout_seconds" {
  description = "Timeout of the controller in seconds. A first pass takes longest. A pass that times out keeps its results."
  type        = number
  default     = 900
  nullable    = false

  validation {
    condition     = var.timeout_seconds >= 60 && var.timeout_seconds <= 900
    error_message = "timeout_seconds must be between 60 and 900."
  }
}

variable "memory_size" {
  description = "Memory of the controller in MB. Its share of a processor grows with it."
  type        = number
  default     = 1024
  nullable    = false

  validation {
    condition     = var.memory_size >= 256 && var.memory_size <= 10240
    error_message = "memory_size must be between 256 and 10240 (MB)."
  }
}

variable "ephemeral_storage_mb" {
  description = "Space for repositories in MB, for an image."
  type        = number
  default     = 2048
  nullable    = false

  validation {
    condition     = var.ephemeral_storage_mb >= 512 && var.ephemeral_storage_mb <= 10240
    error_message = "ephemeral_storage_mb must be between 512 and 10240 (MB)."
  }
}

variable "reserved_concurrency" {
  description = "Reserved concurrency of the controller: how many invocations run at a time. Others wait for up to ten minutes. -1: no reservation, uses the account's shared concurrency."
  type        = number
  default     = -1
  nullable    = false

  validation {
    condition     = var.reserved_concurrency == -1 || var.reserved_concurrency >= 2
    error_message = "reserved_concurrency must be -1 for none, or at least 2: with 1, a long first pass would block the schedule. To stop the controller, set schedule_enabled = false."
  }
}

variable "webhooks_reserved_concurrency" {
  description = "Reserved concurrency of the webhooks' function: how many deliveries it handles at a time. -1: no reservation, uses the account's shared concurrency."
  type        = number
  default     = -1
  nullable    = false

  validation {
    condition     = var.webhooks_reserved_concurrency >= -1 && floor(var.webhooks_reserved_concurrency) == var.webhooks_reserved_concurrency
    error_message = "webhooks_reserved_concurrency must be a whole number: -1 for none, 0 to refuse all deliveries, or how many deliveries it may handle at a time."
  }
}

variable "vpc_config" {
  description = <<-EOT
    Attach the functions to a VPC: { subnet_ids, security_group_ids }. From there they must reach Lambda, S3, Secrets
    Manager or SSM, and the git servers. Default: outside any VPC.
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

variable "schedule_enabled" {
  description = "Start passes by schedule. False for maintenance: webhooks and people can still start passes."
  type        = bool
  default     = true
  nullable    = false
}

variable "overdue_minutes" {
  description = "Raise an alarm if a source has had no complete pass for this many minutes longer than its own schedule."
  type        = number
  default     = 15
  nullable    = false

  validation {
    condition     = var.overdue_minutes >= 5 && var.overdue_minutes <= 1440
    error_message = "overdue_minutes must be between 5 and 1440."
  }
}

variable "event_bus_name" {
  description = "Bus of Amazon EventBridge, in this account and region, that gets events such as releases. Default: none."
  type        = string
  default     = null

  validation {
    condition     = can(regex("^[/.A-Za-z0-9_-]{0,256}$", coalesce(var.event_bus_name, "-")))
    error_message = "event_bus_name must be the name of a bus, such as default, and not an ARN."
  }
}

# Requirements of an organisation.

variable "proof_kms_key_arn" {
  description = "Key of AWS KMS that signs the set of each release: ECC_NIST_P256, for SIGN_VERIFY. The controller gets kms:Sign on it. Default: the key that proof in the sources document names, if any."
  type        = string
  default     = null

  validation {
    condition     = try(length(var.proof_kms_key_arn), 0) == 0 || can(regex("^arn:[^:]+:kms:[^:]+:[0-9]{12}:key/[A-Za-z0-9-]+$", var.proof_kms_key_arn))
    error_message = "proof_kms_key_arn must be the ARN of a key, such as \"arn:aws:kms:eu-central-1:123456789012:key/…\", not of an alias: permissions on an alias do not reach its key."
  }
}

variable "tls_only" {
  description = "Refuse requests to the bucket without TLS. False only for an emulator."
  type        = bool
  default     = true
  nullable    = false
}

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

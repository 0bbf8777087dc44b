variable "resource_prefix" {
  description = "First part of every name, as in prompt_registry."
  type        = string

  validation {
    # Lambda allows 64 characters, and the longest name adds 29 to the prefix; a bucket allows 63, and adds 32.
    condition     = can(regex("^[A-Za-z][A-Za-z0-9_-]{0,29}$", var.resource_prefix))
    error_message = "resource_prefix must begin with a letter and have at most 30 letters, digits, hyphens and underscores, because names of buckets end at 63 characters."
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

variable "registry_function_name" {
  description = "The registry's writer: prompt_registry_lambda_name of the module prompt_registry."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,64}$", var.registry_function_name))
    error_message = "registry_function_name must be the name of a function, not its ARN."
  }
}

variable "registry_function_arn" {
  description = "Its ARN: prompt_registry_lambda_arn."
  type        = string

  validation {
    condition     = can(regex("^arn:[^:]+:lambda:[^:]+:[^:]*:function:[^:]+$", var.registry_function_arn))
    error_message = "registry_function_arn must be the ARN of a function, without a version."
  }
}

variable "sources" {
  description = <<-EOT
    The sources document, as text: the "sources:" of a promptctl.yaml, which may also be JSON. Usually
    file("promptctl.yaml"). It must be known when planning. "registry:" and "cache:" in it are not used.
  EOT
  type        = string

  validation {
    condition     = can([for source in yamldecode(var.sources).sources : "${source.name} ${source.repository}"])
    error_message = "sources must be YAML or JSON with a list \"sources\", whose entries have a name and a repository."
  }
}

variable "secrets" {
  description = <<-EOT
    Where secrets are kept, by the variable that the sources name in passwordEnv, privateKeyEnv, secretEnv and
    nextSecretEnv: the ARN of a secret in Secrets Manager, with #key behind it where the secret is a JSON object, or the
    ARN of a parameter in SSM. Values never pass through Terraform.
  EOT
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition = alltrue([
      for reference in values(var.secrets) :
      can(regex("^arn:[^:]+:(secretsmanager:[^:]+:[^:]*:secret:[^#]+(#[^#]+)?|ssm:[^:]+:[^:]*:parameter/[^#]+)$", reference))
    ])
    error_message = "Each of secrets must be the ARN of a secret in Secrets Manager, with or without #key, or of an SSM parameter."
  }
}

variable "secrets_kms_key_arns" {
  description = "Keys of the account that encrypt those secrets. Not needed for keys of AWS."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for key in var.secrets_kms_key_arns : can(regex("^arn:[^:]+:kms:[^:]+:[^:]*:key/.+$", key))])
    error_message = "secrets_kms_key_arns must be ARNs of keys, not of aliases: permissions on an alias do not reach its key."
  }
}

variable "kms_key_arn" {
  description = "Key that encrypts the sources document. Null where S3's own key will do."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:[^:]+:kms:[^:]+:[^:]*:key/.+$", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a key, not of an alias: permissions on an alias do not reach its key."
  }
}

variable "tags" {
  description = "Tags of every resource."
  type        = map(string)
  default     = {}
  nullable    = false
}

# What can be tuned. The defaults suit most.

variable "package_type" {
  description = "zip: reads GitHub by its interface, code is deployed afterwards. image: has git and reads any server; needs image_uri."
  type        = string
  default     = "zip"
  nullable    = false

  validation {
    condition     = contains(["zip", "image"], var.package_type)
    error_message = "package_type must be zip or image."
  }
}

variable "image_uri" {
  description = "Image of the controller in ECR, made of infra/Dockerfile for linux/arm64. Its tag or digest says which code runs."
  type        = string
  default     = null

  validation {
    condition     = var.image_uri == null || can(regex("^[0-9]{12}\\.dkr\\.ecr\\.[^/]+/[^:@]+(:|@sha256:)[A-Za-z0-9._-]+$", var.image_uri))
    error_message = "image_uri must name an image in ECR with its tag or digest, such as 123456789012.dkr.ecr.eu-central-1.amazonaws.com/prompt-controller:1.0.0."
  }
}

variable "timeout_seconds" {
  description = "How long an invocation may take. A first pass needs the most; what it did in time is kept."
  type        = number
  default     = 900
  nullable    = false

  validation {
    condition     = var.timeout_seconds >= 60 && var.timeout_seconds <= 900
    error_message = "timeout_seconds must be between 60 and 900."
  }
}

variable "memory_size" {
  description = "Memory of the controller in MB, and with it its share of a processor."
  type        = number
  default     = 1024
  nullable    = false

  validation {
    condition     = var.memory_size >= 256 && var.memory_size <= 10240
    error_message = "memory_size must be between 256 and 10240."
  }
}

variable "ephemeral_storage_mb" {
  description = "What an image has for repositories, in MB."
  type        = number
  default     = 2048
  nullable    = false

  validation {
    condition     = var.ephemeral_storage_mb >= 512 && var.ephemeral_storage_mb <= 10240
    error_message = "ephemeral_storage_mb must be between 512 and 10240."
  }
}

variable "reserved_concurrency" {
  description = "How many invocations of the controller run at once; the others wait for up to ten minutes. -1: as many as the account has left."
  type        = number
  default     = -1
  nullable    = false

  validation {
    condition     = var.reserved_concurrency == -1 || var.reserved_concurrency >= 2
    error_message = "reserved_concurrency must be -1 or at least 2, since a long first pass would keep the schedule waiting."
  }
}

variable "schedule_enabled" {
  description = "False: nothing comes by schedule, which is for maintenance. Webhooks and people can still start passes."
  type        = bool
  default     = true
  nullable    = false
}

variable "overdue_minutes" {
  description = "An alarm goes off when a source had no complete pass for so long beyond its own schedule."
  type        = number
  default     = 15
  nullable    = false

  validation {
    condition     = var.overdue_minutes >= 5 && var.overdue_minutes <= 1440
    error_message = "overdue_minutes must be between 5 and 1440."
  }
}

variable "tls_only" {
  description = "Refuses requests to the bucket without TLS. False only for an emulator."
  type        = bool
  default     = true
  nullable    = false
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

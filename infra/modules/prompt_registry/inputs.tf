# Platforms pass "" for values they do not have, so an empty string counts as unset.

locals {
  storage_kms_key_arn     = var.storage_kms_key_arn == "" ? null : var.storage_kms_key_arn
  data_kms_key_arn        = var.data_kms_key_arn == "" ? null : var.data_kms_key_arn
  log_kms_key_arn         = var.log_kms_key_arn == "" ? null : var.log_kms_key_arn
  environment_kms_key_arn = var.environment_kms_key_arn == "" ? null : var.environment_kms_key_arn
  permissions_boundary    = var.permissions_boundary == "" ? null : var.permissions_boundary
  role_path               = coalesce(var.role_path, "/")
  ssm_prefix              = var.ssm_prefix == "" ? null : var.ssm_prefix
  primary_endpoint        = coalesce(var.primary_endpoint, "writer")
  deprecated_pins         = coalesce(var.deprecated_pins, "serve")
  changed_inputs          = coalesce(var.changed_inputs, "report")
  reads_sample_rate       = coalesce(var.reads_sample_rate, 1)
  emergency_kms_key_arn   = var.emergency_kms_key_arn == "" ? null : var.emergency_kms_key_arn
  adopt_schedule          = var.adopt_schedule == "" ? null : var.adopt_schedule
  log_level               = coalesce(var.log_level, "INFO")
  alarm_actions           = distinct(compact(concat([var.alarm_topic_arn], var.alarm_actions)))

  # A list of one or none. As in Lambda, a VPC without subnets means no VPC.
  vpc     = [for vpc in var.vpc_config[*] : vpc if length(vpc.subnet_ids) > 0]
  package = one([for package in var.package[*] : merge(package, { s3_object_version = package.s3_object_version == "" ? null : package.s3_object_version })])

  # Both staging and production serve only released versions. Refusing one of these modes would protect nothing and
  # break agents that send it.
  modes_of = {
    dev        = ["simulation", "dev", "staging", "production"]
    staging    = ["staging", "production"]
    production = ["staging", "production"]
  }
  named_modes   = compact(coalesce(var.allowed_modes, []))
  allowed_modes = length(local.named_modes) == 0 ? local.modes_of[var.environment] : local.named_modes
}

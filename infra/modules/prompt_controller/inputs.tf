# Platforms pass "" for values they do not have, so an empty string counts as unset.

locals {
  kms_key_arn             = var.kms_key_arn == "" ? null : var.kms_key_arn
  secrets_kms_key_arns    = compact(var.secrets_kms_key_arns)
  log_kms_key_arn         = var.log_kms_key_arn == "" ? null : var.log_kms_key_arn
  environment_kms_key_arn = var.environment_kms_key_arn == "" ? null : var.environment_kms_key_arn
  permissions_boundary    = var.permissions_boundary == "" ? null : var.permissions_boundary
  role_path               = coalesce(var.role_path, "/")
  package_type            = coalesce(var.package_type, "zip")
  image_uri               = var.image_uri == "" ? null : var.image_uri
  log_level               = coalesce(var.log_level, "INFO")
  proof_kms_key_arn       = var.proof_kms_key_arn == "" ? null : var.proof_kms_key_arn
  event_bus_name          = var.event_bus_name == "" ? null : var.event_bus_name
  alarm_actions           = distinct(compact(concat([var.alarm_topic_arn], var.alarm_actions)))

  # A list of one or none. As in Lambda, a VPC without subnets means no VPC.
  vpc = [for vpc in var.vpc_config[*] : vpc if length(vpc.subnet_ids) > 0]

  # By the role of the function. No entry for an image, or for a function whose code is deployed separately.
  packages = {
    for role, package in { controller = var.package, webhooks = var.webhooks_package } :
    role => merge(package, { s3_object_version = package.s3_object_version == "" ? null : package.s3_object_version })
    if package != null
  }
}

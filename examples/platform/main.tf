# A small platform: table and bucket, the registry on top of them, two seeded prompts, and an agent that resolves
# them.

# A platform with its own table and bucket passes those and omits this module.
module "prompt_data" {
  source = "../../infra/modules/prompt_data"

  resource_prefix     = var.resource_prefix
  environment         = var.environment
  deletion_protection = var.deletion_protection
  tls_only            = var.tls_only
  tags                = var.tags
}

module "prompt_registry" {
  source = "../../infra/modules/prompt_registry"

  resource_prefix     = var.resource_prefix
  environment         = var.environment
  prompt_table_name   = module.prompt_data.prompt_table_name
  prompt_table_arn    = module.prompt_data.prompt_table_arn
  prompt_bucket_name  = module.prompt_data.prompt_bucket_name
  prompt_bucket_arn   = module.prompt_data.prompt_bucket_arn
  storage_kms_key_arn = module.prompt_data.kms_key_arn
  ssm_prefix          = "${var.resource_prefix}/${var.environment}"
  primary_endpoint    = "reader"
  adopt_schedule      = "rate(1 hour)"
  alarm_topic_arn     = var.alarm_topic_arn
  codebuild           = one([for build in var.codebuild[*] : merge(build, { also = local.controller_functions })])
  tags                = var.tags
}

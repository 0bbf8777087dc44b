# A platform in small: where prompts lie, the registry over it, two seeded prompts, and an agent that resolves them.

# A platform that has its table and bucket passes those, and leaves this module out.
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
  alarm_topic_arn     = var.alarm_topic_arn
  codebuild           = var.codebuild == null ? null : merge(var.codebuild, { also = local.controller_functions })
  tags                = var.tags
}

# The controller syncs repositories into the registry. Created if there are sources.

locals {
  controller_functions = {
    controller = one(module.prompt_controller[*].prompt_controller_lambda_arn)
    webhooks   = one(module.prompt_controller[*].prompt_webhooks_lambda_arn)
  }
}

module "prompt_controller" {
  source = "../../infra/modules/prompt_controller"
  count  = try(length(var.sources), 0) == 0 ? 0 : 1

  resource_prefix        = var.resource_prefix
  environment            = var.environment
  registry_function_name = module.prompt_registry.prompt_registry_writer_lambda_name
  registry_function_arn  = module.prompt_registry.prompt_registry_writer_lambda_arn
  sources                = var.sources
  secrets                = var.secrets
  alarm_topic_arn        = var.alarm_topic_arn
  tls_only               = var.tls_only
  tags                   = var.tags
}

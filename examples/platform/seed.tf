# Prompts that exist before any repository is connected. Terraform owns these objects: a changed file overwrites
# its object, and another prompt_version deletes it. The registry copies the content when it adopts the prompt;
# adopt_schedule in main.tf makes it do so within the hour.

locals {
  seeds = {
    "support/greeting" = { prompt_version = "1.0.0", file = "prompts/support/greeting.txt" }
    "triage"           = { prompt_version = "1.0.0", file = "prompts/triage.txt" }
  }
}

resource "aws_s3_object" "seed" {
  for_each = local.seeds

  bucket       = module.prompt_data.prompt_bucket_name
  key          = "${each.key}/${each.value.prompt_version}.txt"
  content      = file("${path.module}/${each.value.file}")
  content_type = "text/plain; charset=utf-8"
}

resource "aws_dynamodb_table_item" "seed" {
  for_each = local.seeds

  table_name = module.prompt_data.prompt_table_name
  hash_key   = "prompt_key"
  range_key  = "version"

  item = jsonencode({
    prompt_key = { S = each.key }
    version    = { S = each.value.prompt_version }
    status     = { S = "stable" }
    s3_key     = { S = aws_s3_object.seed[each.key].key }
  })

  # From here on the registry decides which version is stable.
  lifecycle {
    ignore_changes = [item]
  }
}

# Prompts that are there before any repository is connected. Terraform owns these objects: a change of a file
# overwrites its object. The registry copies a text before the first change that it makes to such a prompt.

locals {
  seeds = {
    "support/greeting" = { version = "1.0.0", file = "prompts/support/greeting.txt" }
    "triage"           = { version = "1.0.0", file = "prompts/triage.txt" }
  }
}

resource "aws_s3_object" "seed" {
  for_each = local.seeds

  bucket       = module.prompt_data.prompt_bucket_name
  key          = "${each.key}/${each.value.version}.txt"
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
    version    = { S = each.value.version }
    status     = { S = "stable" }
    s3_key     = { S = aws_s3_object.seed[each.key].key }
  })

  # From here on the registry says which version is stable.
  lifecycle {
    ignore_changes = [item]
  }
}

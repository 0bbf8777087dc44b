# What the wiring of docs/operations.md finds in a platform. An emulator needs the path style.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100"
    }
  }
}

provider "aws" {
  s3_use_path_style = true
}

variable "resource_prefix" {
  type    = string
  default = "beta"
}

variable "environment" {
  type    = string
  default = "dev"
}

resource "aws_kms_key" "platform" {
  description             = "Everything of the platform"
  deletion_window_in_days = 7
}

resource "aws_dynamodb_table" "prompts" {
  name         = "beta-prompts"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "prompt_key"
  range_key    = "version"

  attribute {
    name = "prompt_key"
    type = "S"
  }

  attribute {
    name = "version"
    type = "S"
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = aws_kms_key.platform.arn
  }
}

resource "aws_s3_bucket" "prompts" {
  bucket        = "beta-prompts"
  force_destroy = true
}

resource "aws_secretsmanager_secret" "github" {
  name                    = "github"
  recovery_window_in_days = 0
}

resource "aws_secretsmanager_secret_version" "github" {
  secret_id     = aws_secretsmanager_secret.github.id
  secret_string = jsonencode({ token = var.github_token })
}

resource "aws_ssm_parameter" "hook" {
  name  = "/beta/hook"
  type  = "SecureString"
  value = var.hook_secret
}

variable "github_token" {
  type      = string
  sensitive = true
}

variable "hook_secret" {
  type      = string
  sensitive = true
}

resource "aws_vpc" "platform" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_subnet" "private" {
  count = 2

  vpc_id     = aws_vpc.platform.id
  cidr_block = "10.0.${count.index}.0/24"
}

resource "aws_security_group" "prompts" {
  name   = "prompts"
  vpc_id = aws_vpc.platform.id
}

resource "aws_iam_policy" "boundary" {
  name   = "boundary"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] })
}

resource "aws_sns_topic" "alarms" {
  name = "alarms"
}

resource "aws_sns_topic" "pager" {
  name = "pager"
}

output "registry" {
  value = module.prompt_registry
}

output "controller" {
  value = module.prompt_controller
}

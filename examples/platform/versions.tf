terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100"
    }
  }
}

# Account, region and endpoints (AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_S3, ...) come from the environment, so the same
# configuration runs on AWS and on an emulator.
provider "aws" {
  s3_use_path_style           = var.s3_use_path_style
  skip_metadata_api_check     = var.skip_metadata_api_check
  skip_credentials_validation = var.skip_credentials_validation
  skip_region_validation      = var.skip_region_validation
}

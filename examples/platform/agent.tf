# A function in place of an agent. The two variables and the permission to invoke the reader are all that an agent
# needs.

locals {
  agent_name = "${var.resource_prefix}-${var.environment}-example-agent"
  agent_mode = { dev = "dev", staging = "staging", production = "production" }[var.environment]
}

resource "aws_lambda_function" "agent" {
  function_name    = local.agent_name
  description      = "Resolves a prompt and returns its version"
  role             = aws_iam_role.agent.arn
  runtime          = "nodejs22.x"
  architectures    = ["arm64"]
  handler          = "index.handler"
  filename         = "${path.module}/agent/agent.zip"
  source_code_hash = filebase64sha256("${path.module}/agent/agent.zip")
  timeout          = 30
  tags             = var.tags

  environment {
    variables = {
      PROMPT_REGISTRY_URL      = module.prompt_registry.prompt_registry_url
      PROMPT_REGISTRY_FUNCTION = module.prompt_registry.prompt_registry_lambda_name
      EXECUTION_MODE           = local.agent_mode
    }
  }

  depends_on = [aws_iam_role_policy.agent]
}

resource "aws_cloudwatch_log_group" "agent" {
  name              = "/aws/lambda/${local.agent_name}"
  retention_in_days = 14
  tags              = var.tags
}

data "aws_iam_policy_document" "lambda_assumes" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "agent" {
  # A Function URL requires both permissions, a direct invocation only the second.
  statement {
    sid       = "ResolvePrompts"
    actions   = ["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"]
    resources = [module.prompt_registry.prompt_registry_lambda_arn]
  }

  statement {
    sid       = "WriteLogs"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.agent.arn}:*"]
  }
}

resource "aws_iam_role" "agent" {
  name               = local.agent_name
  assume_role_policy = data.aws_iam_policy_document.lambda_assumes.json
  tags               = var.tags
}

resource "aws_iam_role_policy" "agent" {
  name   = "agent"
  role   = aws_iam_role.agent.id
  policy = data.aws_iam_policy_document.agent.json
}

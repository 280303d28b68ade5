data "aws_region" "here" {}

locals {
  full_name = "${var.cluster}-notices-${var.name}"
  tags      = merge(var.tags, { "poolkeeper:cluster" = var.cluster })

  # What poolkeeper reads, and no more: what else comes would only be dropped.
  patterns = {
    spot = {
      source      = ["aws.ec2"]
      detail-type = ["EC2 Spot Instance Interruption Warning"]
    }
    health = {
      source      = ["aws.health"]
      detail-type = ["AWS Health Event"]
      detail = {
        service           = ["EC2"]
        eventTypeCategory = ["scheduledChange"]
      }
    }
  }
}

resource "aws_sqs_queue" "this" {
  name                      = local.full_name
  message_retention_seconds = var.retention_s
  receive_wait_time_seconds = 0
  sqs_managed_sse_enabled   = true
  tags                      = local.tags
}

resource "aws_cloudwatch_event_rule" "this" {
  for_each = local.patterns

  name          = "${local.full_name}-${each.key}"
  description   = "What is about to be taken, for poolkeeper's cluster ${var.cluster}"
  event_pattern = jsonencode(each.value)
  tags          = local.tags
}

resource "aws_cloudwatch_event_target" "this" {
  for_each = local.patterns

  rule      = aws_cloudwatch_event_rule.this[each.key].name
  target_id = "poolkeeper"
  arn       = aws_sqs_queue.this.arn
}

resource "aws_sqs_queue_policy" "this" {
  queue_url = aws_sqs_queue.this.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "RulesMaySend"
        Effect    = "Allow"
        Principal = { Service = "events.amazonaws.com" }
        Action    = "sqs:SendMessage"
        Resource  = aws_sqs_queue.this.arn
        Condition = { ArnEquals = { "aws:SourceArn" = [for one in aws_cloudwatch_event_rule.this : one.arn] } }
      },
      {
        Sid       = "NobodyInTheClear"
        Effect    = "Deny"
        Principal = "*"
        Action    = "sqs:*"
        Resource  = aws_sqs_queue.this.arn
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })
}

# What a queue of notices is made of, without AWS: `terraform test`.

mock_provider "aws" {
  override_during = plan

  override_data {
    target = data.aws_region.here
    values = { region = "eu-central-1" }
  }
  override_resource {
    target = aws_sqs_queue.this
    values = {
      arn = "arn:aws:sqs:eu-central-1:123456789012:shop-notices-aws"
      url = "https://sqs.eu-central-1.amazonaws.com/123456789012/shop-notices-aws"
    }
  }
  override_resource {
    target = aws_cloudwatch_event_rule.this
    values = { arn = "arn:aws:events:eu-central-1:123456789012:rule/shop" }
  }
}

variables {
  cluster = "shop"
}

run "only_what_is_read_is_sent" {
  command = plan

  assert {
    condition = { for key, one in aws_cloudwatch_event_rule.this : key => jsondecode(one.event_pattern) } == {
      spot   = { source = ["aws.ec2"], detail-type = ["EC2 Spot Instance Interruption Warning"] }
      health = { source = ["aws.health"], detail-type = ["AWS Health Event"], detail = { service = ["EC2"], eventTypeCategory = ["scheduledChange"] } }
    }
    error_message = "The rules must match spot warnings and scheduled changes of EC2, and nothing else."
  }
  assert {
    condition     = alltrue([for one in aws_cloudwatch_event_target.this : one.arn == "arn:aws:sqs:eu-central-1:123456789012:shop-notices-aws"])
    error_message = "Each rule must send to the queue."
  }
}

run "only_the_rules_may_send_and_nobody_in_the_clear" {
  command = plan

  assert {
    condition = [for one in jsondecode(aws_sqs_queue_policy.this.policy).Statement : "${one.Effect} ${one.Action}"] == [
      "Allow sqs:SendMessage", "Deny sqs:*",
    ]
    error_message = "One may send, all others are held to encrypted connections."
  }
  assert {
    condition     = jsondecode(aws_sqs_queue_policy.this.policy).Statement[0].Condition.ArnEquals["aws:SourceArn"][0] == "arn:aws:events:eu-central-1:123456789012:rule/shop"
    error_message = "Only this module's rules may send."
  }
  assert {
    condition     = aws_sqs_queue.this.sqs_managed_sse_enabled
    error_message = "What waits must be encrypted."
  }
}

run "the_policy_file_names_the_queue" {
  command = plan

  variables {
    role_arn = "arn:aws:iam::123456789012:role/shop-actor"
  }

  assert {
    condition     = output.policy == file("tests/notices.yaml")
    error_message = "The policy file is not as in tests/notices.yaml: ${output.policy}"
  }
}

run "a_cluster_without_a_name" {
  command = plan

  variables {
    cluster = ""
  }

  expect_failures = [var.cluster]
}

run "a_queue_by_capitals" {
  command = plan

  variables {
    name = "AWS"
  }

  expect_failures = [var.name]
}

run "notices_for_a_minute" {
  command = plan

  variables {
    retention_s = 60
  }

  expect_failures = [var.retention_s]
}

run "a_role_by_name" {
  command = plan

  variables {
    role_arn = "shop-actor"
  }

  expect_failures = [var.role_arn]
}

run "an_external_id_without_a_role" {
  command = plan

  variables {
    external_id = "shop-1"
  }

  expect_failures = [var.external_id]
}

run "a_tag_that_is_ours" {
  command = plan

  variables {
    tags = { "poolkeeper:cluster" = "other" }
  }

  expect_failures = [var.tags]
}

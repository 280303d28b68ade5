# The example as a whole, without AWS: `terraform test`.

mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { region = "eu-central-1" }
  }
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/shop-poolkeeper-actor" }
  }
  mock_resource "aws_iam_policy" {
    defaults = { arn = "arn:aws:iam::123456789012:policy/shop-poolkeeper" }
  }
  mock_resource "aws_iam_instance_profile" {
    defaults = { arn = "arn:aws:iam::123456789012:instance-profile/shop-node" }
  }
  mock_resource "aws_launch_template" {
    defaults = { id = "lt-0a1b2c3d4e5f60718", latest_version = 1 }
  }
  mock_resource "aws_cloudwatch_event_rule" {
    defaults = { arn = "arn:aws:events:eu-central-1:123456789012:rule/shop" }
  }
  mock_resource "aws_sqs_queue" {
    defaults = {
      arn = "arn:aws:sqs:eu-central-1:123456789012:shop-notices-aws"
      url = "https://sqs.eu-central-1.amazonaws.com/123456789012/shop-notices-aws"
    }
  }
}

variables {
  poolkeeper_role_arn = "arn:aws:iam::123456789012:role/poolkeeper"
  manager             = "10.0.0.10:2377"
  join_secret_arn     = "arn:aws:ssm:eu-central-1:123456789012:parameter/shop/join"
  image_id            = "ami-0a1b2c3d4e5f60718"
  subnet_ids          = ["subnet-0a1b2c3d4e5f60718", "subnet-1a1b2c3d4e5f60718"]
  security_group_ids  = ["sg-0a1b2c3d4e5f60718"]
}

run "one_apply_makes_the_policy_file" {
  command = apply

  assert {
    condition     = output.policy == file("tests/policy.yaml")
    error_message = "The policy file is not as in tests/policy.yaml: ${output.policy}"
  }
}

run "a_machine_may_read_what_it_joins_with_and_nothing_else" {
  command = plan

  assert {
    condition = jsondecode(aws_iam_role_policy.join.policy).Statement == [{
      Sid      = "Secret"
      Effect   = "Allow"
      Action   = ["ssm:GetParameter"]
      Resource = ["arn:aws:ssm:eu-central-1:123456789012:parameter/shop/join"]
    }]
    error_message = "The machines' role must read one secret only."
  }
}

# What the roles may, without AWS: `terraform test`. The policies are the files beside this one, which the project's tests hold to what is really called.

mock_provider "aws" {
  override_during = plan

  override_data {
    target = data.aws_caller_identity.me
    values = { account_id = "123456789012" }
  }
  override_data {
    target = data.aws_partition.here
    values = { partition = "aws" }
  }
  override_resource {
    target = aws_iam_role.this["observer"]
    values = { arn = "arn:aws:iam::123456789012:role/shop-poolkeeper-observer" }
  }
  override_resource {
    target = aws_iam_role.this["actor"]
    values = { arn = "arn:aws:iam::123456789012:role/shop-poolkeeper-actor" }
  }
  override_resource {
    target = aws_iam_policy.this
    values = { arn = "arn:aws:iam::123456789012:policy/shop-poolkeeper" }
  }
}

variables {
  cluster           = "shop"
  trusted           = ["arn:aws:iam::123456789012:role/poolkeeper"]
  node_role_arns    = ["arn:aws:iam::123456789012:role/shop-node"]
  notice_queue_arns = ["arn:aws:sqs:eu-central-1:123456789012:shop-notices-aws"]
  metric_queue_arns = ["arn:aws:sqs:eu-central-1:123456789012:mail"]
}

run "each_role_may_what_is_written_down" {
  command = plan

  assert {
    condition     = jsondecode(aws_iam_policy.this["observer"].policy) == jsondecode(file("tests/observer.json"))
    error_message = "The observer's policy is not as in tests/observer.json: ${aws_iam_policy.this["observer"].policy}"
  }
  assert {
    condition     = jsondecode(aws_iam_policy.this["actor"].policy) == jsondecode(file("tests/actor.json"))
    error_message = "The actor's policy is not as in tests/actor.json: ${aws_iam_policy.this["actor"].policy}"
  }
  assert {
    condition     = jsondecode(output.caller_policy) == jsondecode(file("tests/caller.json"))
    error_message = "The caller's policy is not as in tests/caller.json: ${output.caller_policy}"
  }
}

run "the_actor_observes_as_well" {
  command = plan

  assert {
    condition     = toset([for one in aws_iam_role_policy_attachment.this : one.role]) == toset(["shop-poolkeeper-observer", "shop-poolkeeper-actor"])
    error_message = "Both roles must have policies."
  }
  assert {
    condition     = length([for one in aws_iam_role_policy_attachment.this : one if one.role == "shop-poolkeeper-actor"]) == 2
    error_message = "The actor must have both policies."
  }
}

run "only_who_is_trusted_may_assume_them" {
  command = plan

  variables {
    external_id = "shop-1"
  }

  assert {
    condition     = alltrue([for one in aws_iam_role.this : jsondecode(one.assume_role_policy).Statement[0].Principal == { AWS = ["arn:aws:iam::123456789012:role/poolkeeper"] }])
    error_message = "Nobody else may assume a role."
  }
  assert {
    condition     = alltrue([for one in aws_iam_role.this : jsondecode(one.assume_role_policy).Statement[0].Condition.StringEquals["sts:ExternalId"] == "shop-1"])
    error_message = "An external id must be asked for."
  }
}

run "what_is_not_there_is_not_granted" {
  command = plan

  variables {
    node_role_arns    = []
    notice_queue_arns = []
    metric_queue_arns = []
  }

  assert {
    condition     = !strcontains(aws_iam_policy.this["actor"].policy, "iam:PassRole") && !strcontains(aws_iam_policy.this["actor"].policy, "sqs:")
    error_message = "Without queues and roles, none may be touched."
  }
  assert {
    condition     = !strcontains(aws_iam_policy.this["observer"].policy, "sqs:")
    error_message = "Without queues, none may be seen."
  }
}

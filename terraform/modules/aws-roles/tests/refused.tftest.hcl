# Inputs that are refused before anything is made: `terraform test`.

mock_provider "aws" {}

variables {
  cluster = "shop"
  trusted = ["arn:aws:iam::123456789012:role/poolkeeper"]
}

run "a_cluster_without_a_name" {
  command = plan

  variables {
    cluster = ""
  }

  expect_failures = [var.cluster]
}

run "nobody_to_trust" {
  command = plan

  variables {
    trusted = []
  }

  expect_failures = [var.trusted]
}

run "everybody_is_trusted" {
  command = plan

  variables {
    trusted = ["*"]
  }

  expect_failures = [var.trusted]
}

run "a_short_external_id" {
  command = plan

  variables {
    external_id = "x"
  }

  expect_failures = [var.external_id]
}

run "any_role_to_pass_on" {
  command = plan

  variables {
    node_role_arns = ["arn:aws:iam::123456789012:role/*"]
  }

  expect_failures = [var.node_role_arns]
}

run "any_queue_to_empty" {
  command = plan

  variables {
    notice_queue_arns = ["arn:aws:sqs:eu-central-1:123456789012:*"]
  }

  expect_failures = [var.notice_queue_arns]
}

run "a_queue_by_name" {
  command = plan

  variables {
    metric_queue_arns = ["mail"]
  }

  expect_failures = [var.metric_queue_arns]
}

run "a_boundary_by_name" {
  command = plan

  variables {
    permissions_boundary = "developers"
  }

  expect_failures = [var.permissions_boundary]
}

run "a_tag_that_is_ours" {
  command = plan

  variables {
    tags = { "poolkeeper:cluster" = "other" }
  }

  expect_failures = [var.tags]
}

# Inputs that are refused before anything is made: `terraform test`.

mock_provider "google" {}

variables {
  cluster = "shop"
  project = "shop-prod"
  actors  = ["serviceAccount:poolkeeper@shop-prod.iam.gserviceaccount.com"]
}

run "a_cluster_without_a_name" {
  command = plan

  variables {
    cluster = ""
  }

  expect_failures = [var.cluster]
}

run "a_project_of_capitals" {
  command = plan

  variables {
    project = "Shop"
  }

  expect_failures = [var.project]
}

run "everybody_observes" {
  command = plan

  variables {
    observers = ["allUsers"]
  }

  expect_failures = [var.observers]
}

run "nobody_acts" {
  command = plan

  variables {
    actors = []
  }

  expect_failures = [var.actors]
}

run "everybody_acts" {
  command = plan

  variables {
    actors = ["allAuthenticatedUsers"]
  }

  expect_failures = [var.actors]
}

run "all_subscriptions" {
  command = plan

  variables {
    notice_subscriptions = ["projects/shop-prod/subscriptions/*"]
  }

  expect_failures = [var.notice_subscriptions]
}

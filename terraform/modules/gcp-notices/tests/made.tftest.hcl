# What a queue of notices is made of, without Google: `terraform test`.

mock_provider "google" {
  override_during = plan

  mock_resource "google_pubsub_topic" {
    defaults = { id = "projects/shop-prod/topics/shop-notices-gcp" }
  }
}

variables {
  cluster    = "shop"
  project    = "shop-prod"
  publishers = ["serviceAccount:node@shop-prod.iam.gserviceaccount.com"]
}

run "only_machines_may_send_and_they_read_nothing" {
  command = plan

  assert {
    condition     = { for one in google_pubsub_topic_iam_member.this : one.member => one.role } == { "serviceAccount:node@shop-prod.iam.gserviceaccount.com" = "roles/pubsub.publisher" }
    error_message = "The machines' account may publish, and nobody else may anything."
  }
}

run "what_is_taken_comes_again_after_a_minute_and_the_subscription_stays" {
  command = plan

  assert {
    condition     = google_pubsub_subscription.this.ack_deadline_seconds == 60 && google_pubsub_subscription.this.topic == "projects/shop-prod/topics/shop-notices-gcp"
    error_message = "The subscription must be to the topic, and lease for a minute."
  }
  assert {
    condition     = google_pubsub_subscription.this.expiration_policy[0].ttl == ""
    error_message = "It must never be deleted for want of a reader."
  }
}

run "the_policy_file_names_the_queue" {
  command = plan

  assert {
    condition     = output.policy == file("tests/notices.yaml")
    error_message = "The policy file is not as in tests/notices.yaml: ${output.policy}"
  }
  assert {
    condition     = output.topic == "projects/shop-prod/topics/shop-notices-gcp" && output.subscription == "projects/shop-prod/subscriptions/shop-notices-gcp"
    error_message = "Other modules want full names."
  }
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

run "a_queue_by_capitals" {
  command = plan

  variables {
    name = "GCP"
  }

  expect_failures = [var.name]
}

run "everybody_sends" {
  command = plan

  variables {
    publishers = ["allUsers"]
  }

  expect_failures = [var.publishers]
}

run "notices_for_a_minute" {
  command = plan

  variables {
    retention_s = 60
  }

  expect_failures = [var.retention_s]
}

run "a_label_that_is_ours" {
  command = plan

  variables {
    resource_labels = { poolkeeper-cluster = "other" }
  }

  expect_failures = [var.resource_labels]
}

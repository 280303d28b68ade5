locals {
  notices = {
    (var.name) = {
      cluster = var.cluster
      pubsub  = { project = var.project, subscription = google_pubsub_subscription.this.name }
    }
  }
}

output "policy" {
  description = "This queue as a file of the policy folder."
  value       = yamlencode({ apiVersion = "autoscaler/v1", notices = local.notices })
}

output "notices" {
  description = "The same as a value, for a file of several objects."
  value       = local.notices
}

output "topic" {
  description = "The full name of the topic: notices of the module join."
  value       = "projects/${var.project}/topics/${google_pubsub_topic.this.name}"
}

output "subscription" {
  description = "The full name of the subscription, for the module gcp-roles."
  value       = "projects/${var.project}/subscriptions/${google_pubsub_subscription.this.name}"
}

locals {
  full_name = "${var.cluster}-notices-${var.name}"
  labels    = merge(var.resource_labels, { poolkeeper-cluster = var.cluster })
}

resource "google_pubsub_topic" "this" {
  project                    = var.project
  name                       = local.full_name
  labels                     = local.labels
  message_retention_duration = "${var.retention_s}s"
}

resource "google_pubsub_subscription" "this" {
  project                    = var.project
  name                       = local.full_name
  topic                      = google_pubsub_topic.this.id
  labels                     = local.labels
  ack_deadline_seconds       = 60
  message_retention_duration = "${var.retention_s}s"
  retain_acked_messages      = false

  # Google deletes a subscription that nobody reads for a month, unless told never to.
  expiration_policy {
    ttl = ""
  }
}

# The machines' own account may say that Google takes them, and read nothing.
resource "google_pubsub_topic_iam_member" "this" {
  # By number: an account that is made in the same apply has no name yet.
  for_each = { for number, one in var.publishers : number => one }

  project = var.project
  topic   = google_pubsub_topic.this.name
  role    = "roles/pubsub.publisher"
  member  = each.value
}

locals {
  notices = {
    (var.name) = {
      cluster       = var.cluster
      storage_queue = { queue = local.url }
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

output "queue_url" {
  description = "The address of the queue: notices of the module join."
  value       = local.url
}

output "queue_id" {
  description = "The whole id of the queue, for the module azure-roles."
  value       = local.id
}

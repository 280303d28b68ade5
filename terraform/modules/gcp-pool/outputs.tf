locals {
  group = one(concat(google_compute_instance_group_manager.this[*].name, google_compute_region_instance_group_manager.this[*].name))
  types = [for one in var.types : { for key, value in one : key => value if value != null } if one.cpu != null]
  gcp = {
    project        = var.project
    zone           = var.zone
    region         = var.region
    instance_group = local.group
    types          = length(local.types) > 0 ? local.types : null
    reserve        = var.reserve
    labels         = length(var.labels) > 0 ? var.labels : null
    taints         = length(var.taints) > 0 ? var.taints : null
  }
  pools = {
    (var.name) = {
      cluster = var.cluster
      gcp     = { for key, value in local.gcp : key => value if value != null }
      nodes   = { for key, value in { min = var.min, max = var.max, idle = var.idle } : key => value if value != null }
    }
  }
}

output "policy" {
  description = "This pool as a file of the policy folder."
  value       = yamlencode({ apiVersion = "autoscaler/v1", pools = local.pools })
}

output "pools" {
  description = "The same as a value, for a file of several pools."
  value       = local.pools
}

output "group_name" {
  description = "The name of the managed instance group."
  value       = local.group
}

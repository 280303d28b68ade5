locals {
  azure = {
    subscription   = var.subscription_id
    resource_group = var.resource_group
    scale_set      = local.flexible ? azurerm_orchestrated_virtual_machine_scale_set.this[0].name : azurerm_linux_virtual_machine_scale_set.this[0].name
    standby_pool   = one(azurerm_virtual_machine_scale_set_standby_pool.this[*].name)
    node_name      = var.node_name
    types          = var.machine.cpu == null ? null : [{ for key, value in var.machine : key => value if value != null }]
    reserve        = var.reserve
    labels         = length(var.labels) > 0 ? var.labels : null
    taints         = length(var.taints) > 0 ? var.taints : null
  }
  pools = {
    (var.name) = {
      cluster = var.cluster
      azure   = { for key, value in local.azure : key => value if value != null }
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

output "scale_set_id" {
  description = "The id of the scale set: the scope to which a role is to be bound."
  value       = local.flexible ? azurerm_orchestrated_virtual_machine_scale_set.this[0].id : azurerm_linux_virtual_machine_scale_set.this[0].id
}

output "standby_pool_id" {
  description = "The id of the standby pool, for the roles' standby_pool_ids; none without standby."
  value       = one(azurerm_virtual_machine_scale_set_standby_pool.this[*].id)
}

output "policy" {
  description = "Pools and notices as one file of the policy folder."
  value = yamlencode({
    apiVersion = "autoscaler/v1"
    pools      = merge(module.general.pools, module.batch.pools)
    notices    = module.notices.notices
  })
}

output "observer_role_arn" {
  description = "For who only plans."
  value       = module.roles.observer_role_arn
}

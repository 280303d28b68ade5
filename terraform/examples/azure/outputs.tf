output "policy" {
  description = "Pool and notices as one file of the policy folder."
  value = yamlencode({
    apiVersion = "autoscaler/v1"
    pools      = module.general.pools
    notices    = module.notices.notices
  })
}

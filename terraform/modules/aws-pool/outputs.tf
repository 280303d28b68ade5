locals {
  types = [for one in var.types : { for key, value in one : key => value if value != null } if one.cpu != null]
  aws = {
    region             = data.aws_region.here.region
    auto_scaling_group = aws_autoscaling_group.this.name
    node_name          = var.node_name
    types              = length(local.types) > 0 ? local.types : null
    reserve            = var.reserve
    labels             = length(var.labels) > 0 ? var.labels : null
    taints             = length(var.taints) > 0 ? var.taints : null
    role               = var.role_arn
    external_id        = var.external_id
    complete_hooks     = try(var.terminate_hook.complete, false) ? ["terminate"] : null
  }
  pools = {
    (var.name) = {
      cluster = var.cluster
      aws     = { for key, value in local.aws : key => value if value != null }
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
  description = "The name of the Auto Scaling group."
  value       = aws_autoscaling_group.this.name
}

output "group_arn" {
  description = "The ARN of the Auto Scaling group."
  value       = aws_autoscaling_group.this.arn
}

output "launch_template_id" {
  description = "The id of the launch template."
  value       = aws_launch_template.this.id
}

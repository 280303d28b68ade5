locals {
  sqs = {
    region      = data.aws_region.here.region
    queue       = aws_sqs_queue.this.url
    role        = var.role_arn
    external_id = var.external_id
  }
  notices = {
    (var.name) = {
      cluster = var.cluster
      sqs     = { for key, value in local.sqs : key => value if value != null }
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

output "queue_arn" {
  description = "The ARN of the queue, for the module aws-roles."
  value       = aws_sqs_queue.this.arn
}

output "queue_url" {
  description = "The URL of the queue."
  value       = aws_sqs_queue.this.url
}

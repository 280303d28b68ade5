output "user_data" {
  description = "The boot script, as text: user_data of aws-pool, startup_script of gcp-pool, custom_data of azure-pool. There is no secret in it."
  value       = join("\n", concat(["#!/bin/sh", "set -eu", ""], local.known, [""], local.parts))
}

output "aws_policy" {
  description = "What the machines' own role must be allowed at AWS to join, as a policy in JSON; null elsewhere, and where nothing is needed."
  value       = var.cloud == "aws" && length(local.aws.statements) > 0 ? jsonencode({ Version = "2012-10-17", Statement = local.aws.statements }) : null
}

output "gcp_role" {
  description = "The role that the machines' own service account must have, and on which secret; null elsewhere, and where nothing is needed."
  value       = var.cloud == "gcp" ? local.gcp.role : null
}

output "azure_role" {
  description = "The role that the machines' own identity must have, and on which secret of the vault; null elsewhere, and where nothing is needed."
  value       = var.cloud == "azure" ? local.azure.role : null
}

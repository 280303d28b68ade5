output "role_ids" {
  description = "The roles' ids, by who has them and what they are about."
  value       = { for name, one in azurerm_role_definition.this : name => one.role_definition_resource_id }
}

output "role_names" {
  description = "The roles' full names, by what they are."
  value       = { for role, one in google_project_iam_custom_role.this : role => one.name }
}

output "observer_role_arn" {
  description = "The role for who only plans: `role:` of a pool in a policy file that is never applied."
  value       = aws_iam_role.this["observer"].arn
}

output "actor_role_arn" {
  description = "The role for the service and for apply: role_arn of the modules aws-pool and aws-notices."
  value       = aws_iam_role.this["actor"].arn
}

output "caller_policy" {
  description = "The policy, as JSON, by which an identity may assume the two: for those under trusted that have no such right yet."
  value       = jsonencode(local.documents.caller)
}

output "policy" {
  description = "The pool as a file of the policy folder."
  value       = module.general.policy
}

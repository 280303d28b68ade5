variable "cluster" {
  description = "What the policy file calls the cluster."
  type        = string
  default     = "shop"
}

variable "region" {
  description = "Where its machines are."
  type        = string
  default     = "eu-central-1"
}

variable "poolkeeper_role_arn" {
  description = "The role that poolkeeper's own process has: that of its machine or pod."
  type        = string
}

variable "manager" {
  description = "The address of a manager of the Swarm."
  type        = string
}

variable "join_secret_arn" {
  description = "The parameter (SecureString), or the secret of Secrets Manager, that holds a worker's join token."
  type        = string
}

variable "image_id" {
  description = "An AMI for arm64 with Docker."
  type        = string
}

variable "subnet_ids" {
  description = "One subnet for each zone."
  type        = list(string)
}

variable "security_group_ids" {
  description = "What may reach the machines."
  type        = list(string)
}

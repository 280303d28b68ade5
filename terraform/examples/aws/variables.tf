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

variable "join_secret_arn" {
  description = "The secret of Secrets Manager that holds the command by which a machine joins the cluster."
  type        = string
}

variable "image_id" {
  description = "An AMI for arm64 with Docker and the AWS command line."
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

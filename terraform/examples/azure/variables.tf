variable "cluster" {
  description = "What the policy file calls the cluster."
  type        = string
  default     = "shop"
}

variable "subscription_id" {
  description = "The subscription."
  type        = string
}

variable "resource_group" {
  description = "The resource group of the pool."
  type        = string
}

variable "location" {
  description = "Where the machines are."
  type        = string
  default     = "westeurope"
}

variable "poolkeeper_object_id" {
  description = "The object id of the identity that poolkeeper's own process has."
  type        = string
}

variable "manager" {
  description = "The address of a manager of the Swarm."
  type        = string
}

variable "vault_id" {
  description = "The Key Vault's id; it must give rights by roles."
  type        = string
}

variable "join_secret" {
  description = "The secret that holds a worker's join token, as https://VAULT.vault.azure.net/secrets/S."
  type        = string
}

variable "storage_account_id" {
  description = "The storage account in which the queue of notices is made."
  type        = string
}

variable "image_id" {
  description = "An image with Docker."
  type        = string
}

variable "subnet_id" {
  description = "Where the machines start."
  type        = string
}

variable "network_security_group_id" {
  description = "What may reach them."
  type        = string
}

variable "public_key" {
  description = "The public key of who may log in."
  type        = string
}

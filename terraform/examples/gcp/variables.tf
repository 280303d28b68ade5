variable "cluster" {
  description = "What the policy file calls the cluster."
  type        = string
  default     = "shop"
}

variable "project" {
  description = "The project's id."
  type        = string
}

variable "zone" {
  description = "Where the machines are."
  type        = string
  default     = "europe-west4-a"
}

variable "poolkeeper_account" {
  description = "The service account that poolkeeper's own process has, by its e-mail address."
  type        = string
}

variable "api_server" {
  description = "The address of the API server."
  type        = string
}

variable "ca_cert_hash" {
  description = "The hash of the cluster's public key."
  type        = string
}

variable "join_secret" {
  description = "The secret of Secret Manager that holds a bootstrap token, as projects/P/secrets/S."
  type        = string
}

variable "image" {
  description = "An image with containerd, the kubelet and kubeadm."
  type        = string
}

variable "subnetwork" {
  description = "Where the machines start."
  type        = string
}

variable "cluster" {
  description = "The cluster whose pools the roles are for; they are called after it."
  type        = string

  validation {
    condition     = can(regex("^[a-z]([a-z0-9-]{0,26}[a-z0-9])?$", var.cluster))
    error_message = "A cluster's name has up to 28 small letters, digits and hyphens, begins with a letter and ends with none of the hyphens."
  }
}

variable "project" {
  description = "The project's id: the roles reach all of its managed instance groups."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project))
    error_message = "project is a project's id, as shop-prod."
  }
}

variable "observers" {
  description = "Who only plans, as serviceAccount:… or user:…"
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for one in var.observers : can(regex("^(serviceAccount|user|group|principal|principalSet):.+$", one))])
    error_message = "observers are written as serviceAccount:planner@shop-prod.iam.gserviceaccount.com, and never everybody."
  }
}

variable "actors" {
  description = "Who carries plans out, as serviceAccount:…"
  type        = list(string)

  validation {
    condition     = length(var.actors) > 0 && alltrue([for one in var.actors : can(regex("^(serviceAccount|principal):.+$", one))])
    error_message = "actors are at least one serviceAccount:… or principal:…, and never a group or everybody."
  }
}

variable "notice_subscriptions" {
  description = "Subscriptions with notices, such as subscription of the module gcp-notices."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for one in var.notice_subscriptions : can(regex("^projects/[^/*]+/subscriptions/[A-Za-z][A-Za-z0-9._~+%-]{2,254}$", one))])
    error_message = "notice_subscriptions lists full names (projects/shop-prod/subscriptions/shop-notices)."
  }

  validation {
    condition     = alltrue([for one in var.notice_subscriptions : startswith(one, "projects/${var.project}/")])
    error_message = "notice_subscriptions are of the same project."
  }
}

variable "cluster" {
  description = "The cluster of the policy file whose machines the notices are about."
  type        = string

  validation {
    condition     = can(regex("^[a-z]([a-z0-9-]{0,26}[a-z0-9])?$", var.cluster))
    error_message = "A cluster's name has up to 28 small letters, digits and hyphens, begins with a letter and ends with none of the hyphens."
  }
}

variable "project" {
  description = "The project's id."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project))
    error_message = "project is a project's id, as shop-prod."
  }
}

variable "name" {
  description = "What the policy file calls this queue."
  type        = string
  default     = "gcp"

  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$", var.name))
    error_message = "A queue's name has up to 32 small letters, digits and hyphens, and neither begins nor ends with a hyphen."
  }
}

variable "publishers" {
  description = "Who may send: the machines' own accounts, as serviceAccount:…"
  type        = list(string)

  validation {
    condition     = length(var.publishers) > 0 && alltrue([for one in var.publishers : can(regex("^serviceAccount:.+$", one))])
    error_message = "publishers are at least one serviceAccount:…, and never a group or everybody: who may send may have any machine of the cluster emptied."
  }
}

variable "retention_s" {
  description = "How long a notice waits for a reader: after an hour it is of no use, its machine is long gone."
  type        = number
  default     = 3600

  validation {
    condition     = var.retention_s >= 600 && var.retention_s <= 604800 && floor(var.retention_s) == var.retention_s
    error_message = "A notice waits ten minutes to 7 days (600 to 604800 seconds)."
  }
}

variable "resource_labels" {
  description = "Further labels of topic and subscription."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for key in keys(var.resource_labels) : !startswith(key, "poolkeeper-")])
    error_message = "Labels that begin with poolkeeper- are not yours to give."
  }
}

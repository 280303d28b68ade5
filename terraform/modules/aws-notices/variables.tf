variable "cluster" {
  description = "The cluster of the policy file whose machines the notices are about."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", var.cluster))
    error_message = "A cluster's name has up to 63 small letters, digits and hyphens, and neither begins nor ends with a hyphen."
  }
}

variable "name" {
  description = "What the policy file calls this queue."
  type        = string
  default     = "aws"

  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$", var.name))
    error_message = "A queue's name has up to 32 small letters, digits and hyphens, and neither begins nor ends with a hyphen."
  }
}

variable "retention_s" {
  description = "How long a notice waits for a reader: a scheduled change is told days ahead, and told once."
  type        = number
  default     = 345600

  validation {
    condition     = var.retention_s >= 3600 && var.retention_s <= 1209600
    error_message = "A notice waits an hour to 14 days (3600 to 1209600 seconds)."
  }
}

variable "role_arn" {
  description = "The role that poolkeeper assumes to read the queue, such as actor_role_arn of the module aws-roles; its own identity unless said."
  type        = string
  default     = null

  validation {
    condition     = var.role_arn == null || can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/.+$", var.role_arn))
    error_message = "role_arn is a role's ARN (arn:aws:iam::123456789012:role/…)."
  }
}

variable "external_id" {
  description = "The external id that goes with role_arn."
  type        = string
  default     = null

  validation {
    condition     = var.external_id == null || var.role_arn != null
    error_message = "An external id goes with role_arn."
  }
}

variable "tags" {
  description = "Further tags of the queue and its rules."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for key in keys(var.tags) : !startswith(key, "poolkeeper:") && !startswith(key, "aws:")])
    error_message = "Tags that begin with poolkeeper: or aws: are not yours to give."
  }
}

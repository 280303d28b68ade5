variable "cluster" {
  description = "The cluster whose pools the roles are for: the tag poolkeeper:cluster, which the module aws-pool gives."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", var.cluster))
    error_message = "A cluster's name has up to 63 small letters, digits and hyphens, and neither begins nor ends with a hyphen."
  }
}

variable "trusted" {
  description = "Who may assume the roles: ARNs of roles or users, such as the role that poolkeeper's own machine or pod has."
  type        = list(string)

  validation {
    condition     = length(var.trusted) > 0 && alltrue([for one in var.trusted : can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:(role|user)/.+$", one))])
    error_message = "trusted lists at least one role's or user's ARN (arn:aws:iam::123456789012:role/…), and never everybody."
  }
}

variable "external_id" {
  description = "What whoever assumes a role must know beside, where that is another account's."
  type        = string
  default     = null

  validation {
    condition     = var.external_id == null || try(length(var.external_id) >= 2 && length(var.external_id) <= 1224 && can(regex("^[A-Za-z0-9_+=,.@:/-]+$", var.external_id)), false)
    error_message = "An external id has 2 to 1224 letters, digits and +=,.@:/-_."
  }
}

variable "node_role_arns" {
  description = "The machines' own roles, which the actor passes on when it launches some: those of instance_profile_arn of the module aws-pool."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for one in var.node_role_arns : can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/[^*]+$", one))])
    error_message = "node_role_arns lists single roles' ARNs, without any *: whoever passes a role on has what it may."
  }
}

variable "notice_queue_arns" {
  description = "Queues of notices, such as queue_arn of the module aws-notices."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for one in var.notice_queue_arns : can(regex("^arn:aws[a-z-]*:sqs:[a-z0-9-]+:[0-9]{12}:[^*]+$", one))])
    error_message = "notice_queue_arns lists single queues' ARNs (arn:aws:sqs:eu-central-1:123456789012:shop-notices), without any *."
  }
}

variable "metric_queue_arns" {
  description = "Queues whose messages are counted as a metric."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for one in var.metric_queue_arns : can(regex("^arn:aws[a-z-]*:sqs:[a-z0-9-]+:[0-9]{12}:.+$", one))])
    error_message = "metric_queue_arns lists queues' ARNs (arn:aws:sqs:eu-central-1:123456789012:mail)."
  }
}

variable "permissions_boundary" {
  description = "The ARN of a policy that bounds both roles."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary == null || can(regex("^arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/.+$", var.permissions_boundary))
    error_message = "permissions_boundary is a policy's ARN (arn:aws:iam::123456789012:policy/…)."
  }
}

variable "tags" {
  description = "Further tags of the roles and their policies."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for key in keys(var.tags) : !startswith(key, "poolkeeper:") && !startswith(key, "aws:")])
    error_message = "Tags that begin with poolkeeper: or aws: are not yours to give."
  }
}

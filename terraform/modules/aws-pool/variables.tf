variable "name" {
  description = "What the policy file calls this pool."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", var.name))
    error_message = "A pool's name has up to 63 small letters, digits and hyphens, and neither begins nor ends with a hyphen."
  }
}

variable "cluster" {
  description = "The cluster of the policy file that the machines join."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", var.cluster))
    error_message = "A cluster's name has up to 63 small letters, digits and hyphens, and neither begins nor ends with a hyphen."
  }
}

variable "min" {
  description = "Machines that are always there. The group starts with so many."
  type        = number
  default     = 0

  validation {
    condition     = var.min >= 0 && floor(var.min) == var.min
    error_message = "min is a whole number, 0 or more."
  }
}

variable "max" {
  description = "Machines that are never exceeded."
  type        = number

  validation {
    condition     = var.max >= 1 && floor(var.max) == var.max
    error_message = "max is a whole number, 1 or more."
  }

  validation {
    condition     = var.max >= var.min
    error_message = "max must not be below min."
  }
}

variable "types" {
  description = <<-EOT
    Instance types that the group may launch, the preferred one first. With cpu and memory (and a price per hour, such as 0.0952 USD) they are
    written into the policy file; what is not written there is asked of EC2, and has no price. Give the types of one pool the same size.
  EOT
  type = list(object({
    name       = string
    cpu        = optional(string)
    memory     = optional(string)
    price      = optional(string)
    spot_price = optional(string)
  }))

  validation {
    condition     = length(var.types) > 0
    error_message = "Name at least one instance type."
  }

  validation {
    condition     = length(distinct(var.types[*].name)) == length(var.types)
    error_message = "Name each instance type once."
  }

  validation {
    condition     = alltrue([for one in var.types : (one.cpu == null) == (one.memory == null)])
    error_message = "Say both cpu and memory of an instance type, or neither."
  }

  validation {
    condition     = alltrue([for one in var.types : one.cpu != null || (one.price == null && one.spot_price == null)])
    error_message = "A type with a price needs its cpu and memory as well."
  }

  validation {
    condition     = alltrue([for one in var.types : alltrue([for price in [one.price, one.spot_price] : price == null || can(regex("^[0-9]+(\\.[0-9]+)? [A-Z]{3}$", price))])])
    error_message = "Write prices per hour as 0.0952 USD."
  }
}

variable "market" {
  description = "on-demand or spot. A pool is of one market, so that growing can say in which zone; make two pools for both."
  type        = string
  default     = "on-demand"

  validation {
    condition     = contains(["on-demand", "spot"], var.market)
    error_message = "market is on-demand or spot."
  }
}

variable "image_id" {
  description = "The AMI, for the architecture of all types."
  type        = string

  validation {
    condition     = can(regex("^ami-[0-9a-f]{8,17}$", var.image_id))
    error_message = "image_id is an AMI's id (ami-…): look one up by data.aws_ssm_parameter or data.aws_ami."
  }
}

variable "subnet_ids" {
  description = "Where machines start, one subnet for each zone."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) > 0 && alltrue([for one in var.subnet_ids : can(regex("^subnet-[0-9a-f]{8,17}$", one))])
    error_message = "Give at least one subnet's id (subnet-…)."
  }
}

variable "security_group_ids" {
  description = "What may reach the machines."
  type        = list(string)

  validation {
    condition     = length(var.security_group_ids) > 0 && alltrue([for one in var.security_group_ids : can(regex("^sg-[0-9a-f]{8,17}$", one))])
    error_message = "Give at least one security group's id (sg-…): without one, the VPC's default group would decide."
  }
}

variable "instance_profile_arn" {
  description = "The instance profile with the machines' own role, by which the boot script reads the secret that it joins with."
  type        = string
  default     = null

  validation {
    condition     = var.instance_profile_arn == null || can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:instance-profile/.+$", var.instance_profile_arn))
    error_message = "instance_profile_arn is the ARN of an instance profile (arn:aws:iam::123456789012:instance-profile/…)."
  }
}

variable "user_data" {
  description = "The boot script, as text. No secret belongs into it: it lies in Terraform's state, and every process of the machine may read it."
  type        = string
  default     = null

  validation {
    condition     = var.user_data == null || try(length(base64encode(var.user_data)) <= 21848, false)
    error_message = "EC2 takes at most 16 KiB of user data: let the script fetch the rest."
  }

  validation {
    condition     = var.user_data == null || !can(regex("SWMTKN-|AKIA[0-9A-Z]{16}|BEGIN [A-Z ]*PRIVATE KEY", var.user_data))
    error_message = "There is a secret in user_data (a Swarm token, a key of AWS, or a private key): let the machine's own role read it instead."
  }
}

variable "disk" {
  description = "The root disk, which is encrypted: by AWS's own key for EBS unless kms_key_id names another."
  type = object({
    device     = optional(string, "/dev/xvda")
    size_gib   = optional(number, 30)
    type       = optional(string, "gp3")
    kms_key_id = optional(string)
  })
  default = {}

  validation {
    condition     = var.disk.size_gib >= 8 && var.disk.size_gib <= 16384
    error_message = "The disk has 8 to 16384 GiB."
  }
}

variable "metadata_hops" {
  description = "How many network hops the instance metadata may travel: 1 keeps containers with their own network away from the machine's role."
  type        = number
  default     = 1

  validation {
    condition     = contains([1, 2], var.metadata_hops)
    error_message = "metadata_hops is 1, or 2 where containers need the machine's role."
  }
}

variable "standby" {
  description = "Machines that are made already and stopped (a warm pool), beside those at work. The boot script must not join while it is prepared: `standby` of the module join."
  type        = number
  default     = null

  validation {
    condition     = var.standby == null || try(var.standby >= 1 && floor(var.standby) == var.standby, false)
    error_message = "standby is a whole number, 1 or more; leave it out for none."
  }

  validation {
    condition     = var.standby == null || (var.market == "on-demand" && length(var.types) == 1)
    error_message = "AWS keeps warm pools for groups of one type on demand alone."
  }
}

variable "launch_hook" {
  description = "Holds a machine back before it is in service, until complete-lifecycle-action or the timeout. None unless asked for."
  type = object({
    timeout_s = optional(number, 300)
    result    = optional(string, "ABANDON")
  })
  default = null

  validation {
    condition     = var.launch_hook == null || try(var.launch_hook.timeout_s >= 30 && var.launch_hook.timeout_s <= 7200, false)
    error_message = "A hook waits 30 to 7200 seconds."
  }

  validation {
    condition     = var.launch_hook == null || contains(["ABANDON", "CONTINUE"], try(var.launch_hook.result, ""))
    error_message = "The result of a hook that nobody completes is ABANDON or CONTINUE."
  }
}

variable "terminate_hook" {
  description = "Holds a machine back before it ends, for what its own scripts have to do then, which complete it; with complete, poolkeeper does. None unless asked for: the machine is empty by then."
  type = object({
    timeout_s = optional(number, 300)
    complete  = optional(bool, false)
  })
  default = null

  validation {
    condition     = var.terminate_hook == null || try(var.terminate_hook.timeout_s >= 30 && var.terminate_hook.timeout_s <= 7200, false)
    error_message = "A hook waits 30 to 7200 seconds."
  }
}

variable "health_check_grace_s" {
  description = "For so long a new machine is not called unhealthy."
  type        = number
  default     = 300

  validation {
    condition     = var.health_check_grace_s >= 0
    error_message = "health_check_grace_s is 0 or more."
  }
}

variable "node_name" {
  description = "What the orchestrator calls a machine: dns (its private DNS name), host (the first part of that) or id."
  type        = string
  default     = "dns"

  validation {
    condition     = contains(["dns", "host", "id"], var.node_name)
    error_message = "node_name is dns, host or id."
  }
}

variable "reserve" {
  description = "What each node keeps for itself, as {cpu = \"100m\", memory = \"512Mi\"}."
  type = object({
    cpu    = string
    memory = string
  })
  default = null
}

variable "labels" {
  description = "Labels that the nodes have at their orchestrator; the boot script sets them."
  type        = map(string)
  default     = {}
}

variable "taints" {
  description = "Taints that the nodes have at their orchestrator; the boot script sets them."
  type = list(object({
    key    = string
    value  = optional(string, "")
    effect = optional(string, "no_schedule")
  }))
  default = []

  validation {
    condition     = alltrue([for one in var.taints : contains(["no_schedule", "prefer_no_schedule", "no_execute"], one.effect)])
    error_message = "A taint's effect is no_schedule, prefer_no_schedule or no_execute."
  }
}

variable "idle" {
  description = "How long a node must have been superfluous before it goes, such as 5m."
  type        = string
  default     = null

  validation {
    condition     = var.idle == null || can(regex("^[0-9]+(s|m|h)$", var.idle))
    error_message = "idle is a span such as 90s or 5m."
  }
}

variable "role_arn" {
  description = "The role that poolkeeper assumes for this pool, such as actor_role_arn of the module aws-roles; its own identity unless said."
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
  description = "Further tags of the group, its machines and what they have."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for key in keys(var.tags) : !startswith(key, "poolkeeper:") && !startswith(key, "aws:")])
    error_message = "Tags that begin with poolkeeper: or aws: are not yours to give."
  }
}

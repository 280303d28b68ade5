variable "name" {
  description = "What the policy file calls this pool."
  type        = string

  validation {
    condition     = can(regex("^[a-z]([a-z0-9-]{0,18}[a-z0-9])?$", var.name))
    error_message = "A pool's name has up to 20 small letters, digits and hyphens, begins with a letter and ends with none of the hyphens."
  }
}

variable "cluster" {
  description = "The cluster of the policy file that the machines join."
  type        = string

  validation {
    condition     = can(regex("^[a-z]([a-z0-9-]{0,26}[a-z0-9])?$", var.cluster))
    error_message = "A cluster's name has up to 28 small letters, digits and hyphens, begins with a letter and ends with none of the hyphens."
  }
}

variable "subscription_id" {
  description = "The subscription, as az account show prints its id."
  type        = string

  validation {
    condition     = can(regex("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", var.subscription_id))
    error_message = "subscription_id is a subscription's id, as az account show prints it."
  }
}

variable "resource_group" {
  description = "The resource group that holds the set."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9_().-]{0,89}[A-Za-z0-9_()-]$", var.resource_group))
    error_message = "resource_group is a resource group's name."
  }
}

variable "location" {
  description = "The region, as westeurope."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9]+$", var.location))
    error_message = "location is a region, as westeurope."
  }
}

variable "zones" {
  description = "In which zones the machines start; Azure chooses among several. One alone lets rules between workloads count on it: give each zone a pool of its own."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for one in var.zones : contains(["1", "2", "3"], one)])
    error_message = "zones are 1, 2 and 3."
  }
}

variable "machine" {
  description = <<-EOT
    The machines' size. With cpu and memory (and a price per hour, such as 0.115 USD) it is written into the policy file; what is not written
    there is asked of Azure, and has no price.
  EOT
  type = object({
    name       = string
    cpu        = optional(string)
    memory     = optional(string)
    price      = optional(string)
    spot_price = optional(string)
  })

  validation {
    condition     = can(regex("^[A-Z][A-Za-z0-9_]+$", var.machine.name))
    error_message = "A size is called as Standard_D2s_v5."
  }

  validation {
    condition     = (var.machine.cpu == null) == (var.machine.memory == null)
    error_message = "Say both cpu and memory, or neither."
  }

  validation {
    condition     = var.machine.cpu != null || (var.machine.price == null && var.machine.spot_price == null)
    error_message = "A size with a price needs its cpu and memory as well."
  }

  validation {
    condition     = alltrue([for price in [var.machine.price, var.machine.spot_price] : price == null || can(regex("^[0-9]+(\\.[0-9]+)? [A-Z]{3}$", price))])
    error_message = "Write prices per hour as 0.115 USD."
  }
}

variable "image_id" {
  description = "The image's id: of the resource group, or of a gallery."
  type        = string

  validation {
    condition     = can(regex("^/(subscriptions|communityGalleries|sharedGalleries)/.+/images/.+$", var.image_id))
    error_message = "image_id is a whole id (/subscriptions/…/images/…)."
  }
}

variable "subnet_id" {
  description = "Where the machines' only network interface is. They have no address of the outside."
  type        = string

  validation {
    condition     = can(regex("^/subscriptions/.+/virtualNetworks/[^/]+/subnets/[^/]+$", var.subnet_id))
    error_message = "subnet_id is a subnet's whole id (/subscriptions/…/subnets/…)."
  }
}

variable "network_security_group_id" {
  description = "What may reach the machines."
  type        = string

  validation {
    condition     = can(regex("^/subscriptions/.+/networkSecurityGroups/[^/]+$", var.network_security_group_id))
    error_message = "network_security_group_id is a whole id (/subscriptions/…/networkSecurityGroups/…)."
  }
}

variable "admin" {
  description = "Whose SSH key opens the machines; Azure makes none without. There are no passwords."
  type = object({
    name       = optional(string, "poolkeeper")
    public_key = string
  })

  validation {
    condition     = can(regex("^(ssh-rsa|ssh-ed25519) ", var.admin.public_key))
    error_message = "admin has an SSH public key (ssh-rsa … or ssh-ed25519 …)."
  }
}

variable "identity_ids" {
  description = "The machines' own identities, by which the boot script reads the secret that it joins with. None unless named."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for one in var.identity_ids : can(regex("^/subscriptions/.+/userAssignedIdentities/[^/]+$", one))])
    error_message = "identity_ids are whole ids (/subscriptions/…/userAssignedIdentities/…)."
  }
}

variable "custom_data" {
  description = "The boot script, as text. No secret belongs into it: it lies in Terraform's state, and every process of the machine may read it."
  type        = string
  default     = null

  validation {
    condition     = var.custom_data == null || try(length(base64encode(var.custom_data)) <= 87380, false)
    error_message = "Azure takes at most 64 KiB of custom data: let the script fetch the rest."
  }

  validation {
    condition     = var.custom_data == null || !can(regex("SWMTKN-|AKIA[0-9A-Z]{16}|BEGIN [A-Z ]*PRIVATE KEY", var.custom_data))
    error_message = "There is a secret in custom_data (a Swarm token or a private key): let the machine's own identity read it instead."
  }
}

variable "disk" {
  description = "The disk of the system, which is encrypted: by Azure's own key unless encryption_set_id names another."
  type = object({
    size_gb           = optional(number, 30)
    type              = optional(string, "Premium_LRS")
    encryption_set_id = optional(string)
  })
  default = {}

  validation {
    condition     = var.disk.size_gb >= 30 && var.disk.size_gb <= 4095
    error_message = "The disk has 30 to 4095 GB."
  }
}

variable "encryption_at_host" {
  description = "Whether caches and temporary disks are encrypted too; the subscription needs the feature EncryptionAtHost for it."
  type        = bool
  default     = true
}

variable "node_name" {
  description = "What the orchestrator calls a machine: host (its computer name) or lower (that in small letters)."
  type        = string
  default     = "host"

  validation {
    condition     = contains(["host", "lower"], var.node_name)
    error_message = "node_name is host or lower."
  }
}

variable "tags" {
  description = "Further tags of the set and its machines."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for key in keys(var.tags) : !startswith(key, "poolkeeper")])
    error_message = "Tags that begin with poolkeeper are not yours to give."
  }
}

variable "min" {
  description = "Machines that are always there. The group starts with so many; the policy file keeps them."
  type        = number
  default     = 0

  validation {
    condition     = var.min >= 0 && floor(var.min) == var.min
    error_message = "min is a whole number, 0 or more."
  }
}

variable "max" {
  description = "Machines that are never exceeded: the policy file's bound, for a set has none of its own."
  type        = number

  validation {
    condition     = var.max >= 1 && var.max <= 1000 && floor(var.max) == var.max
    error_message = "max is a whole number from 1 to 1000: a set has no more machines."
  }

  validation {
    condition     = var.max >= var.min
    error_message = "max must not be below min."
  }
}

variable "standby" {
  description = <<-EOT
    Machines that are made already and wait, stopped. With any the set is flexible, and its machines are in the resource group itself. The boot
    script runs when they are made: what joins the cluster must wait for a later boot.
  EOT
  type        = number
  default     = 0

  validation {
    condition     = var.standby >= 0 && floor(var.standby) == var.standby
    error_message = "standby is a whole number, 0 or more."
  }

  validation {
    condition     = var.standby + var.max <= 1000
    error_message = "A set and those that stand by for it have 1000 machines at most together."
  }
}

variable "market" {
  description = "on-demand or spot. A pool is of one market; make two pools for both."
  type        = string
  default     = "on-demand"

  validation {
    condition     = contains(["on-demand", "spot"], var.market)
    error_message = "market is on-demand or spot."
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

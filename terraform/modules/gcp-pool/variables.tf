variable "name" {
  description = "What the policy file calls this pool."
  type        = string

  validation {
    condition     = can(regex("^[a-z]([a-z0-9-]{0,30}[a-z0-9])?$", var.name))
    error_message = "A pool's name has up to 32 small letters, digits and hyphens, begins with a letter and ends with none of the hyphens."
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

variable "project" {
  description = "The project's id."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project))
    error_message = "project is a project's id, as shop-prod."
  }
}

variable "zone" {
  description = "Where the machines start. A pool in one zone lets rules between workloads count on it; give each zone a pool of its own."
  type        = string
  default     = null

  validation {
    condition     = var.zone == null || can(regex("^[a-z]+-[a-z]+[0-9]+-[a-z]$", var.zone))
    error_message = "zone is a zone, as europe-west4-a."
  }

  validation {
    condition     = (var.zone == null) != (var.region == null)
    error_message = "A pool is in a zone, or over a region: say one of the two."
  }
}

variable "region" {
  description = "Over which region the machines start, in whichever of its zones Google chooses."
  type        = string
  default     = null

  validation {
    condition     = var.region == null || can(regex("^[a-z]+-[a-z]+[0-9]+$", var.region))
    error_message = "region is a region, as europe-west4."
  }
}

variable "zones" {
  description = "Of a pool over a region, in which of its zones; all unless said."
  type        = list(string)
  default     = []

  validation {
    condition     = length(var.zones) == 0 || var.region != null
    error_message = "zones go with a region."
  }
}

variable "image" {
  description = "The image, as projects/debian-cloud/global/images/family/debian-12."
  type        = string

  validation {
    condition     = can(regex("^(https://www.googleapis.com/compute/v1/)?projects/[a-z0-9.:-]+/global/images/(family/)?[a-z0-9-]+$", var.image))
    error_message = "image is projects/PROJECT/global/images/NAME, or …/images/family/NAME."
  }
}

variable "subnetwork" {
  description = "Where the machines' only network interface is. They have no address of the outside."
  type        = string

  validation {
    condition     = can(regex("projects/[^/]+/regions/[^/]+/subnetworks/[^/]+$", var.subnetwork))
    error_message = "subnetwork is projects/PROJECT/regions/REGION/subnetworks/NAME."
  }
}

variable "network_tags" {
  description = "Tags of the network, by which firewall rules know the machines."
  type        = list(string)
  default     = []
}

variable "service_account" {
  description = "The machines' own account, by which the boot script reads the secret that it joins with. None unless named."
  type        = string
  default     = null

  validation {
    condition     = var.service_account == null || can(regex("^[a-z0-9-]+@[a-z0-9.-]+\\.iam\\.gserviceaccount\\.com$", var.service_account))
    error_message = "service_account is its e-mail address (node@shop-prod.iam.gserviceaccount.com); the default account of Compute Engine may far too much."
  }
}

variable "startup_script" {
  description = "The boot script, as text. No secret belongs into it: it lies in Terraform's state, and whoever may see the template sees it."
  type        = string
  default     = null

  validation {
    condition     = var.startup_script == null || try(length(var.startup_script) <= 262144, false)
    error_message = "Google takes at most 256 KiB of a boot script: let the script fetch the rest."
  }

  validation {
    condition     = var.startup_script == null || !can(regex("SWMTKN-|AKIA[0-9A-Z]{16}|BEGIN [A-Z ]*PRIVATE KEY", var.startup_script))
    error_message = "There is a secret in startup_script (a Swarm token or a private key): let the machine's own account read it instead."
  }
}

variable "disk" {
  description = "The boot disk, which is encrypted: by Google's own key unless kms_key names another."
  type = object({
    size_gb = optional(number, 30)
    type    = optional(string, "pd-balanced")
    kms_key = optional(string)
  })
  default = {}

  validation {
    condition     = var.disk.size_gb >= 10 && var.disk.size_gb <= 65536
    error_message = "The disk has 10 to 65536 GB."
  }
}

variable "resource_labels" {
  description = "Further labels of the machines and their disks at Google."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for key in keys(var.resource_labels) : !startswith(key, "poolkeeper")])
    error_message = "Labels that begin with poolkeeper are not yours to give."
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
  description = "Machines that are never exceeded: the policy file's bound, for a group has none of its own."
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
    Machine types that the group may launch, the preferred one first. With cpu and memory (and a price per hour, such as 0.1475 USD) they are
    written into the policy file; what is not written there is asked of Google, and has no price. Give the types of one pool the same size.
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
    error_message = "Name at least one machine type."
  }

  validation {
    condition     = length(distinct(var.types[*].name)) == length(var.types)
    error_message = "Name each machine type once."
  }

  validation {
    condition     = alltrue([for one in var.types : (one.cpu == null) == (one.memory == null)])
    error_message = "Say both cpu and memory of a machine type, or neither."
  }

  validation {
    condition     = alltrue([for one in var.types : one.cpu != null || (one.price == null && one.spot_price == null)])
    error_message = "A type with a price needs its cpu and memory as well."
  }

  validation {
    condition     = alltrue([for one in var.types : alltrue([for price in [one.price, one.spot_price] : price == null || can(regex("^[0-9]+(\\.[0-9]+)? [A-Z]{3}$", price))])])
    error_message = "Write prices per hour as 0.1475 USD."
  }

  validation {
    condition     = length(var.types) < 2 || var.zone == null
    error_message = "Several machine types need a group over a region (instance flexibility): name one type, or zones instead of a zone."
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

variable "standby" {
  description = "Machines that Google makes beforehand and stops or suspends, beside those that run, and makes anew when they are needed. initial_delay_s: how long one runs before it is stopped, for its script to prepare it."
  type = object({
    stopped         = optional(number, 0)
    suspended       = optional(number, 0)
    initial_delay_s = optional(number, 300)
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for count in [var.standby.stopped, var.standby.suspended] : count >= 0 && floor(count) == count])
    error_message = "stopped and suspended are whole numbers, 0 or more."
  }

  validation {
    condition     = var.standby.initial_delay_s >= 0 && var.standby.initial_delay_s <= 3600 && floor(var.standby.initial_delay_s) == var.standby.initial_delay_s
    error_message = "initial_delay_s is 0 to 3600 seconds."
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

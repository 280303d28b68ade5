variable "cluster" {
  description = "The cluster whose pools the roles are for; they are called after it."
  type        = string

  validation {
    condition     = can(regex("^[a-z]([a-z0-9-]{0,26}[a-z0-9])?$", var.cluster))
    error_message = "A cluster's name has up to 28 small letters, digits and hyphens, begins with a letter and ends with none of the hyphens."
  }
}

variable "subscription_id" {
  description = "The subscription in which the roles are defined."
  type        = string

  validation {
    condition     = can(regex("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", var.subscription_id))
    error_message = "subscription_id is a subscription's id, as az account show prints it."
  }
}

variable "observers" {
  description = "Object ids of who only plans."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for one in var.observers : can(regex("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", one))])
    error_message = "observers are object ids of identities, as az ad sp show prints them."
  }
}

variable "actors" {
  description = "Object ids of who carries plans out, such as the managed identity of poolkeeper's own machine."
  type        = list(string)

  validation {
    condition     = length(var.actors) > 0 && alltrue([for one in var.actors : can(regex("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", one))])
    error_message = "actors are at least one object id of an identity, as az ad sp show prints it."
  }
}

variable "scale_set_ids" {
  description = "The pools: scale_set_id of the module azure-pool. The roles reach these and no other set."
  type        = list(string)

  validation {
    condition     = length(var.scale_set_ids) > 0 && alltrue([for one in var.scale_set_ids : can(regex("^/subscriptions/.+/virtualMachineScaleSets/[^/]+$", one))])
    error_message = "scale_set_ids lists at least one set's whole id (/subscriptions/…/virtualMachineScaleSets/…)."
  }
}

variable "flexible_group_ids" {
  description = "Resource groups with the machines of flexible sets, which are not below their set: give those sets groups of their own. None for azure-pool's."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for one in var.flexible_group_ids : can(regex("^/subscriptions/[^/]+/resourceGroups/[^/]+$", one))])
    error_message = "flexible_group_ids lists whole ids of resource groups (/subscriptions/…/resourceGroups/…)."
  }
}

variable "standby_pool_ids" {
  description = "Standby pools of flexible sets, which are looked at and never changed."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for one in var.standby_pool_ids : can(regex("^/subscriptions/.+/standbyVirtualMachinePools/[^/]+$", one))])
    error_message = "standby_pool_ids lists whole ids of standby pools (/subscriptions/…/standbyVirtualMachinePools/…)."
  }
}

variable "load_balancer_ids" {
  description = "Load balancers whose backend pools are rotations."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for one in var.load_balancer_ids : can(regex("^/subscriptions/.+/loadBalancers/[^/]+$", one))])
    error_message = "load_balancer_ids lists whole ids of load balancers (/subscriptions/…/loadBalancers/…)."
  }
}

variable "notice_queue_ids" {
  description = "Storage queues with notices, such as queue_id of the module azure-notices."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for one in var.notice_queue_ids : can(regex("^/subscriptions/.+/storageAccounts/[a-z0-9]+/queueServices/default/queues/[^/]+$", one))])
    error_message = "notice_queue_ids lists whole ids of storage queues (/subscriptions/…/queueServices/default/queues/…)."
  }
}

variable "application_gateway_ids" {
  description = "Application gateways whose backend pools are rotations."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for one in var.application_gateway_ids : can(regex("^/subscriptions/.+/applicationGateways/[^/]+$", one))])
    error_message = "application_gateway_ids lists whole ids of application gateways (/subscriptions/…/applicationGateways/…)."
  }
}

variable "application_gateway_part_ids" {
  description = "Subnets, public addresses, firewall policies and identities that these gateways name: whoever writes a gateway joins it to them anew."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for one in var.application_gateway_part_ids : can(regex("^/subscriptions/.+/(subnets|publicIPAddresses|ApplicationGatewayWebApplicationFirewallPolicies|userAssignedIdentities)/[^/]+$", one))])
    error_message = "application_gateway_part_ids lists whole ids of subnets, public addresses, firewall policies and identities."
  }
}

variable "network_ids" {
  description = "Subnets and network security groups that the sets name, for whoever makes a machine joins it to them; with load_balancer_ids also the virtual network."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for one in var.network_ids : can(regex("^/subscriptions/.+/(subnets|networkSecurityGroups|virtualNetworks)/[^/]+$", one))])
    error_message = "network_ids lists whole ids of subnets, network security groups and virtual networks."
  }
}

variable "identity_ids" {
  description = "The machines' own identities, which the actor hands on to them."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for one in var.identity_ids : can(regex("^/subscriptions/.+/userAssignedIdentities/[^/]+$", one))])
    error_message = "identity_ids are whole ids (/subscriptions/…/userAssignedIdentities/…)."
  }
}

variable "cluster" {
  description = "The cluster of the policy file whose machines the notices are about."
  type        = string

  validation {
    condition     = can(regex("^[a-z]([a-z0-9-]{0,20}[a-z0-9])?$", var.cluster)) && !strcontains(var.cluster, "--")
    error_message = "A cluster's name has up to 22 small letters, digits and single hyphens here, begins with a letter and ends with no hyphen."
  }
}

variable "storage_account_id" {
  description = "The storage account (general purpose v2) that the queue is made in. It needs no access by keys."
  type        = string

  validation {
    condition     = can(regex("^/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft.Storage/storageAccounts/[a-z0-9]{3,24}$", var.storage_account_id))
    error_message = "storage_account_id is a storage account's whole id (/subscriptions/…/storageAccounts/…)."
  }
}

variable "name" {
  description = "What the policy file calls this queue."
  type        = string
  default     = "azure"

  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$", var.name)) && !strcontains(var.name, "--")
    error_message = "A queue's name has up to 32 small letters, digits and single hyphens, and neither begins nor ends with a hyphen."
  }
}

variable "senders" {
  description = "Who may send: object ids of the machines' own identities."
  type        = list(string)

  validation {
    condition     = length(var.senders) > 0 && alltrue([for one in var.senders : can(regex("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", one))])
    error_message = "senders are at least one object id of an identity: who may send may have any machine of the cluster emptied."
  }
}

variable "endpoint_suffix" {
  description = "How addresses of storage end: core.chinacloudapi.cn and core.usgovcloudapi.net in these clouds."
  type        = string
  default     = "core.windows.net"

  validation {
    condition     = can(regex("^[a-z0-9-]+(\\.[a-z0-9-]+)+$", var.endpoint_suffix))
    error_message = "endpoint_suffix is the end of a host's name, as core.windows.net."
  }
}

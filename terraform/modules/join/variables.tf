variable "cloud" {
  description = "aws, gcp or azure."
  type        = string

  validation {
    condition     = contains(["aws", "gcp", "azure"], var.cloud)
    error_message = "cloud is aws, gcp or azure."
  }
}

variable "orchestrator" {
  description = "What the machine joins: swarm, kubernetes (by kubeadm), ecs, or docker for an engine that stands for itself."
  type        = string

  validation {
    condition     = contains(["swarm", "kubernetes", "ecs", "docker"], var.orchestrator)
    error_message = "orchestrator is swarm, kubernetes, ecs or docker."
  }

  validation {
    condition     = var.orchestrator != "ecs" || var.cloud == "aws"
    error_message = "ECS is AWS's: its agent knows machines of no other cloud here."
  }
}

variable "manager" {
  description = "Where to join: a manager's address as 10.0.0.10:2377, the API server's as 10.0.0.10:6443; of ECS the cluster's name. None for docker."
  type        = string
  default     = null

  validation {
    condition     = contains(["ecs", "docker"], var.orchestrator) || can(regex("^([A-Za-z0-9][A-Za-z0-9.-]*|\\[[0-9a-f:]+\\]):[0-9]{1,5}$", var.manager))
    error_message = "manager is an address with a port, as 10.0.0.10:2377, and no address with a name or a token in it."
  }

  validation {
    condition     = var.orchestrator != "ecs" || can(regex("^[A-Za-z0-9_-]{1,255}$", var.manager))
    error_message = "For ECS, manager is the cluster's name."
  }
}

variable "secret" {
  description = <<-EOT
    Where the secret is that a machine joins with, never the secret itself. AWS: the ARN of a parameter (SecureString) or of a secret of Secrets
    Manager; Google: projects/P/secrets/S; Azure: https://VAULT.vault.azure.net/secrets/S. It holds a worker's join token, or a bootstrap token of
    kubeadm, and nothing else. None for ecs and docker.
  EOT
  type        = string
  default     = null

  validation {
    condition     = (var.secret == null) == contains(["ecs", "docker"], var.orchestrator)
    error_message = "swarm and kubernetes join with a secret, ecs and docker without one."
  }

  validation {
    condition = var.secret == null || var.cloud != "aws" || can(regex(
      "^arn:aws[a-z-]*:(ssm:[a-z0-9-]+:[0-9]{12}:parameter(/[A-Za-z0-9_.-]+){2,}|secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]+)$", var.secret
    ))
    error_message = "secret is the ARN of a parameter whose name has at least two parts (arn:aws:ssm:eu-central-1:123456789012:parameter/shop/join) or of a secret (arn:aws:secretsmanager:…:secret:shop-join-AbCdEf)."
  }

  validation {
    condition     = var.secret == null || var.cloud != "gcp" || can(regex("^projects/[a-z0-9-]+/secrets/[A-Za-z0-9_-]+(/versions/([0-9]+|latest))?$", var.secret))
    error_message = "secret is the name of a secret, as projects/shop-prod/secrets/join."
  }

  validation {
    condition     = var.secret == null || var.cloud != "azure" || can(regex("^https://[A-Za-z0-9-]+(\\.[a-z]+)+/secrets/[A-Za-z0-9-]+$", var.secret))
    error_message = "secret is where a secret of a vault is, as https://shop.vault.azure.net/secrets/join."
  }
}

variable "secret_endpoint" {
  description = "Where the secret's API is, as https://vpce-….ssm.eu-central-1.vpce.amazonaws.com; the cloud's own unless said."
  type        = string
  default     = null

  validation {
    condition     = var.secret_endpoint == null || can(regex("^https://[A-Za-z0-9.-]+(:[0-9]+)?$", var.secret_endpoint))
    error_message = "secret_endpoint is https:// and a host, without a path."
  }
}

variable "kms_key_arn" {
  description = "At AWS, the key that the secret is encrypted with, where it is not AWS's own."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[^*]+$", var.kms_key_arn))
    error_message = "kms_key_arn is a key's ARN (arn:aws:kms:eu-central-1:123456789012:key/…)."
  }
}

variable "launch_hook" {
  description = "At AWS, a hook that holds new machines of a group back: the script says that they may go on, once they have joined."
  type = object({
    group = string
    name  = optional(string, "launch")
  })
  default = null

  validation {
    condition     = var.launch_hook == null || alltrue([for one in values(coalesce(var.launch_hook, { group = "-", name = "-" })) : can(regex("^[A-Za-z0-9_/-]{1,255}$", one))])
    error_message = "launch_hook is a group's name and a hook's, of letters, digits, hyphens, underscores and slashes."
  }

  validation {
    condition     = var.launch_hook == null || var.cloud == "aws"
    error_message = "Only AWS has hooks of launch."
  }
}

variable "standby" {
  description = "At AWS, whether the group has a warm pool: a machine that is only prepared joins nothing, and joins once it is started for good."
  type        = bool
  default     = false

  validation {
    condition     = !var.standby || var.cloud == "aws"
    error_message = "Only AWS prepares machines that are not at work yet by the same script."
  }
}

variable "notices" {
  description = "Where the machine tells that its cloud takes it, as a module of notices puts it out: projects/P/topics/T of Pub/Sub, https://ACCOUNT.queue.core.windows.net/QUEUE. Nobody is told unless said. At AWS the cloud itself tells it."
  type        = string
  default     = null

  validation {
    condition     = var.notices == null || var.cloud != "gcp" || can(regex("^projects/[a-z][a-z0-9-]{4,28}[a-z0-9]/topics/[A-Za-z][A-Za-z0-9._~+%-]{2,254}$", var.notices))
    error_message = "notices is the name of a topic, as projects/shop-prod/topics/shop-notices."
  }

  validation {
    condition     = var.notices == null || var.cloud != "azure" || can(regex("^https://[a-z0-9]{3,24}\\.queue(\\.[a-z0-9-]+)+/[a-z0-9](-?[a-z0-9]){2,62}$", var.notices))
    error_message = "notices is the address of a storage queue, as https://shopnotices.queue.core.windows.net/shop-notices, without a signature."
  }

  validation {
    condition     = var.notices == null || var.cloud != "aws"
    error_message = "Machines of Google Cloud and Azure tell it; at AWS the module aws-notices is enough."
  }
}

variable "partition" {
  description = "At AWS, the partition of what is named without an ARN: aws, aws-cn, aws-us-gov. The secret's own unless there is none."
  type        = string
  default     = "aws"

  validation {
    condition     = can(regex("^aws(-[a-z-]+)?$", var.partition))
    error_message = "partition is aws, aws-cn or aws-us-gov."
  }
}

variable "identity_client_id" {
  description = "At Azure, the client id of the identity that reads the secret, where a machine has several."
  type        = string
  default     = null

  validation {
    condition     = var.identity_client_id == null || can(regex("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", var.identity_client_id))
    error_message = "identity_client_id is an identity's client id, as az identity show prints it."
  }
}

variable "node_name" {
  description = "What the node is called, as the pool says: dns, host or id at AWS, name at Google Cloud, host or lower at Azure. The first of these unless said."
  type        = string
  default     = null

  validation {
    condition     = var.node_name == null || contains({ aws = ["dns", "host", "id"], gcp = ["name"], azure = ["host", "lower"] }[var.cloud], coalesce(var.node_name, "-"))
    error_message = "node_name is dns, host or id at AWS, name at Google Cloud, host or lower at Azure."
  }

  validation {
    condition     = var.cloud != "azure" || var.orchestrator != "kubernetes" || var.node_name == "lower"
    error_message = "Kubernetes knows small letters only: say lower here and in the pool."
  }
}

variable "labels" {
  description = "Labels of the node. At Swarm they are the engine's, which the policy file calls engine.labels.NAME; at ECS, attributes."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for key, value in var.labels : can(regex("^([a-z0-9.-]+/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$", key)) && can(regex("^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$", value))])
    error_message = "Labels and their values have up to 63 letters, digits, dots, hyphens and underscores."
  }

  validation {
    condition     = alltrue([for value in values(var.labels) : !can(regex("SWMTKN-|^[a-z0-9]{6}\\.[a-z0-9]{16}$|AKIA[0-9A-Z]{16}", value))])
    error_message = "A label's value looks like a secret. Labels are seen by everybody."
  }

  validation {
    condition     = var.orchestrator != "kubernetes" || alltrue([for key in keys(var.labels) : !can(regex("(^|\\.)(kubernetes|k8s)\\.io/", key)) || startswith(key, "node.kubernetes.io/")])
    error_message = "A kubelet may give itself no labels of kubernetes.io but those of node.kubernetes.io/."
  }
}

variable "taints" {
  description = "Taints of the node, at Kubernetes: those that the pool has for good. One that somebody has to take away is not for here."
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

  validation {
    condition     = length(var.taints) == 0 || var.orchestrator == "kubernetes"
    error_message = "Only nodes of Kubernetes have taints."
  }
}

variable "ca_cert_hash" {
  description = "Of Kubernetes: the hash of the cluster's public key, as kubeadm token create --print-join-command shows it. It is no secret."
  type        = string
  default     = null

  validation {
    condition     = var.orchestrator != "kubernetes" || can(regex("^sha256:[0-9a-f]{64}$", var.ca_cert_hash))
    error_message = "ca_cert_hash is sha256: and 64 digits: without it a machine would join whoever answers."
  }
}

variable "ssh_public_key" {
  description = "Of a plain engine: the public key of whoever works it by SSH."
  type        = string
  default     = null

  validation {
    condition     = var.orchestrator != "docker" || can(regex("^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)) [A-Za-z0-9+/=]+( [^\n']*)?$", var.ssh_public_key))
    error_message = "ssh_public_key is one line, as ssh-keygen writes it into the file that ends with .pub."
  }
}

variable "patience_s" {
  description = "For how many seconds each step is tried, before the script gives up."
  type        = number
  default     = 300

  validation {
    condition     = var.patience_s >= 30 && var.patience_s <= 3600 && floor(var.patience_s) == var.patience_s
    error_message = "patience_s is a whole number from 30 to 3600: less than the pool's own time to join, or the machine goes first."
  }
}

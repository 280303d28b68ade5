# A Swarm with a pool at Azure, whose machines join by an identity of their own, its notices, and the roles for it.

provider "azurerm" {
  subscription_id = var.subscription_id

  features {
    virtual_machine_scale_set {
      roll_instances_when_required = false
      reimage_on_manual_upgrade    = false
    }
  }
}

module "join" {
  source = "../../modules/join"

  cloud        = "azure"
  orchestrator = "swarm"
  manager      = var.manager
  secret       = var.join_secret
  labels       = { tier = "general" }
  notices      = module.notices.queue_url
}

# Machines say here that Azure takes them, which it tells nobody else beforehand.
module "notices" {
  source = "../../modules/azure-notices"

  cluster            = var.cluster
  storage_account_id = var.storage_account_id
  senders            = [azurerm_user_assigned_identity.node.principal_id]
}

resource "azurerm_user_assigned_identity" "node" {
  name                = "${var.cluster}-node"
  resource_group_name = var.resource_group
  location            = var.location
}

# It may read this one secret, and nothing else of the vault.
resource "azurerm_role_assignment" "join" {
  scope                = "${var.vault_id}/secrets/${module.join.azure_role.secret}"
  role_definition_name = module.join.azure_role.role
  principal_id         = azurerm_user_assigned_identity.node.principal_id
}

module "roles" {
  source = "../../modules/azure-roles"

  cluster         = var.cluster
  subscription_id = var.subscription_id
  actors          = [var.poolkeeper_object_id]
  scale_set_ids   = [module.general.scale_set_id]
  network_ids     = [var.subnet_id, var.network_security_group_id]
  identity_ids    = [azurerm_user_assigned_identity.node.id]

  notice_queue_ids = [module.notices.queue_id]
}

module "general" {
  source = "../../modules/azure-pool"

  subscription_id           = var.subscription_id
  resource_group            = var.resource_group
  location                  = var.location
  zones                     = ["1"]
  cluster                   = var.cluster
  name                      = "general"
  min                       = 2
  max                       = 40
  machine                   = { name = "Standard_D2s_v5", cpu = "2", memory = "8Gi", price = "0.115 USD" }
  reserve                   = { cpu = "100m", memory = "512Mi" }
  labels                    = { "engine.labels.tier" = "general" }
  image_id                  = var.image_id
  subnet_id                 = var.subnet_id
  network_security_group_id = var.network_security_group_id
  admin                     = { public_key = var.public_key }
  identity_ids              = [azurerm_user_assigned_identity.node.id]
  custom_data               = module.join.user_data
}

# Only flexible sets have machines that stand by.
resource "azurerm_orchestrated_virtual_machine_scale_set" "this" {
  count = local.flexible ? 1 : 0

  name                = local.full_name
  resource_group_name = var.resource_group
  location            = var.location
  zones               = length(var.zones) > 0 ? var.zones : null
  sku_name            = var.machine.name
  instances           = var.min
  source_image_id     = var.image_id
  tags                = local.tags

  # Machines come and go as poolkeeper says, and not otherwise. Standby pools ask for one fault domain.
  upgrade_mode                = "Manual"
  platform_fault_domain_count = 1
  single_placement_group      = false
  zone_balance                = false

  priority        = local.spot ? "Spot" : "Regular"
  eviction_policy = local.spot ? "Delete" : null
  max_bid_price   = local.spot ? -1 : null

  encryption_at_host_enabled = var.encryption_at_host

  os_profile {
    custom_data = var.custom_data == null ? null : base64encode(var.custom_data)

    linux_configuration {
      computer_name_prefix            = "${local.full_name}-"
      admin_username                  = var.admin.name
      disable_password_authentication = true

      admin_ssh_key {
        username   = var.admin.name
        public_key = var.admin.public_key
      }
    }
  }

  os_disk {
    caching                = "ReadOnly"
    disk_size_gb           = var.disk.size_gb
    storage_account_type   = var.disk.type
    disk_encryption_set_id = var.disk.encryption_set_id
  }

  # No public_ip_address: no address of the outside.
  network_interface {
    name                      = "main"
    primary                   = true
    network_security_group_id = var.network_security_group_id

    ip_configuration {
      name      = "main"
      primary   = true
      subnet_id = var.subnet_id
    }
  }

  # As of the uniform set.
  dynamic "termination_notification" {
    for_each = local.spot ? [] : [false]

    content {
      enabled = termination_notification.value
    }
  }

  dynamic "identity" {
    for_each = length(var.identity_ids) > 0 ? [var.identity_ids] : []

    content {
      type         = "UserAssigned"
      identity_ids = identity.value
    }
  }

  lifecycle {
    # The count is poolkeeper's.
    ignore_changes = [instances]
  }
}

# Azure keeps at most max_ready_capacity less the machines at work, and at least min_ready_capacity: alike, as many as are asked for.
resource "azurerm_virtual_machine_scale_set_standby_pool" "this" {
  count = local.flexible ? 1 : 0

  name                                  = "${substr(var.name, 0, 13)}-${substr(sha256(local.full_name), 0, 6)}" # of 24 letters at most
  resource_group_name                   = var.resource_group
  location                              = var.location
  attached_virtual_machine_scale_set_id = azurerm_orchestrated_virtual_machine_scale_set.this[0].id
  virtual_machine_state                 = "Deallocated"
  tags                                  = local.tags

  elasticity_profile {
    max_ready_capacity = var.standby
    min_ready_capacity = var.standby
  }
}

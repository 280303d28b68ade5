locals {
  flexible  = var.standby > 0
  full_name = "${var.cluster}-${var.name}"
  spot      = var.market == "spot"

  # What binds pool, cluster and policy.
  tags = merge(var.tags, {
    poolkeeper-cluster = var.cluster
    poolkeeper-pool    = var.name
  })
}

moved {
  from = azurerm_linux_virtual_machine_scale_set.this
  to   = azurerm_linux_virtual_machine_scale_set.this[0]
}

resource "azurerm_linux_virtual_machine_scale_set" "this" {
  count = local.flexible ? 0 : 1

  name                 = local.full_name
  computer_name_prefix = "${local.full_name}-"
  resource_group_name  = var.resource_group
  location             = var.location
  zones                = length(var.zones) > 0 ? var.zones : null
  sku                  = var.machine.name
  instances            = var.min
  source_image_id      = var.image_id
  custom_data          = var.custom_data == null ? null : base64encode(var.custom_data)
  tags                 = local.tags

  # Machines come and go as poolkeeper says, and not otherwise.
  overprovision          = false
  upgrade_mode           = "Manual"
  single_placement_group = false
  zone_balance           = false

  priority        = local.spot ? "Spot" : "Regular"
  eviction_policy = local.spot ? "Delete" : null
  max_bid_price   = local.spot ? -1 : null

  admin_username                  = var.admin.name
  disable_password_authentication = true
  encryption_at_host_enabled      = var.encryption_at_host
  secure_boot_enabled             = true
  vtpm_enabled                    = true

  admin_ssh_key {
    username   = var.admin.name
    public_key = var.admin.public_key
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

  # Whoever is given back is empty by then: a notification would only keep it, and its price, for minutes.
  # Spot machines can have none.
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

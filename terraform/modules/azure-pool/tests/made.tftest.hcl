# What a pool is made of, without Azure: `terraform test`.

mock_provider "azurerm" {
  override_during = plan
}

variables {
  name                      = "general"
  cluster                   = "shop"
  subscription_id           = "1f3fa6d2-851c-4a91-9087-1a050f3a9c38"
  resource_group            = "shop-prod"
  location                  = "westeurope"
  zones                     = ["1"]
  min                       = 2
  max                       = 40
  machine                   = { name = "Standard_D2s_v5", cpu = "2", memory = "8Gi", price = "0.115 USD" }
  image_id                  = "/subscriptions/1f3fa6d2-851c-4a91-9087-1a050f3a9c38/resourceGroups/shop-prod/providers/Microsoft.Compute/images/node"
  subnet_id                 = "/subscriptions/1f3fa6d2-851c-4a91-9087-1a050f3a9c38/resourceGroups/shop-prod/providers/Microsoft.Network/virtualNetworks/shop/subnets/nodes"
  network_security_group_id = "/subscriptions/1f3fa6d2-851c-4a91-9087-1a050f3a9c38/resourceGroups/shop-prod/providers/Microsoft.Network/networkSecurityGroups/nodes"
  admin                     = { public_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMadeUp" }
}

run "machines_keep_their_identity_and_disk_to_themselves" {
  command = plan

  assert {
    condition     = length(azurerm_linux_virtual_machine_scale_set.this[0].identity) == 0
    error_message = "A machine has no identity unless one is named."
  }
  assert {
    condition     = length(azurerm_linux_virtual_machine_scale_set.this[0].network_interface[0].ip_configuration[0].public_ip_address) == 0
    error_message = "A machine must have no address of the outside."
  }
  assert {
    condition     = azurerm_linux_virtual_machine_scale_set.this[0].disable_password_authentication && azurerm_linux_virtual_machine_scale_set.this[0].encryption_at_host_enabled
    error_message = "There must be no passwords, and nothing unencrypted on the host."
  }
  assert {
    condition     = azurerm_linux_virtual_machine_scale_set.this[0].tags["poolkeeper-cluster"] == "shop" && azurerm_linux_virtual_machine_scale_set.this[0].tags["poolkeeper-pool"] == "general"
    error_message = "The set must say whose it is."
  }
}

run "nobody_else_makes_replaces_or_ends_machines" {
  command = plan

  assert {
    condition     = !azurerm_linux_virtual_machine_scale_set.this[0].overprovision
    error_message = "No machine may come that nobody asked for."
  }
  assert {
    condition     = azurerm_linux_virtual_machine_scale_set.this[0].upgrade_mode == "Manual" && !azurerm_linux_virtual_machine_scale_set.this[0].zone_balance
    error_message = "A new model must replace no machine, and zones must not be balanced."
  }
  assert {
    condition     = length(azurerm_linux_virtual_machine_scale_set.this[0].automatic_instance_repair) == 0 && length(azurerm_linux_virtual_machine_scale_set.this[0].spot_restore) == 0
    error_message = "Nothing may repair or restore machines."
  }
  assert {
    condition     = [for one in azurerm_linux_virtual_machine_scale_set.this[0].termination_notification : one.enabled] == [false]
    error_message = "Nothing may keep machines that are given back."
  }
}

run "a_pool_is_a_policy_file" {
  command = plan

  assert {
    condition     = output.policy == file("tests/general.yaml")
    error_message = "The policy file is not as in tests/general.yaml: ${output.policy}"
  }
}

run "spot_machines_that_are_taken_are_gone" {
  command = plan

  variables {
    market       = "spot"
    zones        = []
    min          = 0
    idle         = "5m"
    node_name    = "lower"
    reserve      = { cpu = "100m", memory = "512Mi" }
    labels       = { tier = "batch" }
    taints       = [{ key = "for", value = "batch" }]
    identity_ids = ["/subscriptions/1f3fa6d2-851c-4a91-9087-1a050f3a9c38/resourceGroups/shop-prod/providers/Microsoft.ManagedIdentity/userAssignedIdentities/node"]
  }

  assert {
    condition     = azurerm_linux_virtual_machine_scale_set.this[0].priority == "Spot" && azurerm_linux_virtual_machine_scale_set.this[0].eviction_policy == "Delete"
    error_message = "A machine that was taken must not stand about deallocated."
  }
  assert {
    condition     = azurerm_linux_virtual_machine_scale_set.this[0].identity[0].type == "UserAssigned"
    error_message = "The machines must have the identity that was named."
  }
  assert {
    condition     = output.policy == file("tests/batch.yaml")
    error_message = "The policy file is not as in tests/batch.yaml: ${output.policy}"
  }
}

run "machines_that_stand_by_are_of_a_flexible_set_made_alike" {
  command = plan

  variables {
    standby = 3
  }

  assert {
    condition     = length(azurerm_linux_virtual_machine_scale_set.this) == 0 && length(azurerm_orchestrated_virtual_machine_scale_set.this) == 1
    error_message = "Only flexible sets have machines that stand by."
  }
  assert {
    condition     = azurerm_virtual_machine_scale_set_standby_pool.this[0].virtual_machine_state == "Deallocated"
    error_message = "Who waits must not run, and not cost what those at work do."
  }
  assert {
    condition     = azurerm_virtual_machine_scale_set_standby_pool.this[0].elasticity_profile[0].min_ready_capacity == 3 && azurerm_virtual_machine_scale_set_standby_pool.this[0].elasticity_profile[0].max_ready_capacity == 3
    error_message = "As many must wait as were asked for."
  }
  assert {
    condition     = length(azurerm_orchestrated_virtual_machine_scale_set.this[0].network_interface[0].ip_configuration[0].public_ip_address) == 0
    error_message = "A machine must have no address of the outside."
  }
  assert {
    condition     = azurerm_orchestrated_virtual_machine_scale_set.this[0].os_profile[0].linux_configuration[0].disable_password_authentication && azurerm_orchestrated_virtual_machine_scale_set.this[0].encryption_at_host_enabled
    error_message = "There must be no passwords, and nothing unencrypted on the host."
  }
  assert {
    condition     = azurerm_orchestrated_virtual_machine_scale_set.this[0].upgrade_mode == "Manual" && !azurerm_orchestrated_virtual_machine_scale_set.this[0].zone_balance && length(azurerm_orchestrated_virtual_machine_scale_set.this[0].automatic_instance_repair) == 0
    error_message = "Nothing may replace, move or repair machines."
  }
  assert {
    condition     = [for one in azurerm_orchestrated_virtual_machine_scale_set.this[0].termination_notification : one.enabled] == [false]
    error_message = "Nothing may keep machines that are given back."
  }
  assert {
    condition     = output.policy == file("tests/standby.yaml")
    error_message = "The policy file is not as in tests/standby.yaml: ${output.policy}"
  }
}

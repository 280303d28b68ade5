# The example as a whole, without Azure: `terraform test`.

mock_provider "azurerm" {
  mock_resource "azurerm_user_assigned_identity" {
    defaults = {
      id           = "/subscriptions/1f3fa6d2-851c-4a91-9087-1a050f3a9c38/resourceGroups/shop-prod/providers/Microsoft.ManagedIdentity/userAssignedIdentities/shop-node"
      principal_id = "2f3fa6d2-851c-4a91-9087-1a050f3a9c38"
    }
  }
  mock_resource "azurerm_linux_virtual_machine_scale_set" {
    defaults = { id = "/subscriptions/1f3fa6d2-851c-4a91-9087-1a050f3a9c38/resourceGroups/shop-prod/providers/Microsoft.Compute/virtualMachineScaleSets/shop-general" }
  }
}

variables {
  subscription_id           = "1f3fa6d2-851c-4a91-9087-1a050f3a9c38"
  resource_group            = "shop-prod"
  poolkeeper_object_id      = "3f3fa6d2-851c-4a91-9087-1a050f3a9c38"
  manager                   = "10.0.0.10:2377"
  vault_id                  = "/subscriptions/1f3fa6d2-851c-4a91-9087-1a050f3a9c38/resourceGroups/shop-prod/providers/Microsoft.KeyVault/vaults/shop"
  join_secret               = "https://shop.vault.azure.net/secrets/join"
  storage_account_id        = "/subscriptions/1f3fa6d2-851c-4a91-9087-1a050f3a9c38/resourceGroups/shop-prod/providers/Microsoft.Storage/storageAccounts/shopnotices"
  image_id                  = "/subscriptions/1f3fa6d2-851c-4a91-9087-1a050f3a9c38/resourceGroups/shop-prod/providers/Microsoft.Compute/images/node"
  subnet_id                 = "/subscriptions/1f3fa6d2-851c-4a91-9087-1a050f3a9c38/resourceGroups/shop-prod/providers/Microsoft.Network/virtualNetworks/shop/subnets/nodes"
  network_security_group_id = "/subscriptions/1f3fa6d2-851c-4a91-9087-1a050f3a9c38/resourceGroups/shop-prod/providers/Microsoft.Network/networkSecurityGroups/nodes"
  public_key                = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMadeUp"
}

run "one_apply_makes_the_policy_file" {
  command = apply

  assert {
    condition     = output.policy == file("tests/policy.yaml")
    error_message = "The policy file is not as in tests/policy.yaml: ${output.policy}"
  }
  assert {
    condition     = azurerm_role_assignment.join.scope == "${var.vault_id}/secrets/join"
    error_message = "The machines' identity must read one secret only."
  }
}

# What the roles may, without Azure: `terraform test`. They are the file beside this one, which the project's tests hold to what is really called.

mock_provider "azurerm" {
  override_during = plan

  mock_resource "azurerm_role_definition" {
    defaults = { role_definition_resource_id = "/subscriptions/1f3fa6d2-851c-4a91-9087-1a050f3a9c38/providers/Microsoft.Authorization/roleDefinitions/it" }
  }
}

variables {
  cluster                      = "shop"
  subscription_id              = "1f3fa6d2-851c-4a91-9087-1a050f3a9c38"
  observers                    = ["0a1b2c3d-0000-4000-8000-000000000001"]
  actors                       = ["0a1b2c3d-0000-4000-8000-000000000002"]
  scale_set_ids                = ["/subscriptions/1f3fa6d2-851c-4a91-9087-1a050f3a9c38/resourceGroups/shop/providers/Microsoft.Compute/virtualMachineScaleSets/shop-general"]
  flexible_group_ids           = ["/subscriptions/1f3fa6d2-851c-4a91-9087-1a050f3a9c38/resourceGroups/shop-batch"]
  network_ids                  = ["/subscriptions/1f3fa6d2-851c-4a91-9087-1a050f3a9c38/resourceGroups/shop/providers/Microsoft.Network/virtualNetworks/shop/subnets/nodes"]
  standby_pool_ids             = ["/subscriptions/1f3fa6d2-851c-4a91-9087-1a050f3a9c38/resourceGroups/shop-batch/providers/Microsoft.StandbyPool/standbyVirtualMachinePools/batch"]
  load_balancer_ids            = ["/subscriptions/1f3fa6d2-851c-4a91-9087-1a050f3a9c38/resourceGroups/shop/providers/Microsoft.Network/loadBalancers/edge"]
  application_gateway_ids      = ["/subscriptions/1f3fa6d2-851c-4a91-9087-1a050f3a9c38/resourceGroups/shop/providers/Microsoft.Network/applicationGateways/front"]
  application_gateway_part_ids = ["/subscriptions/1f3fa6d2-851c-4a91-9087-1a050f3a9c38/resourceGroups/shop/providers/Microsoft.Network/publicIPAddresses/front"]
  identity_ids                 = ["/subscriptions/1f3fa6d2-851c-4a91-9087-1a050f3a9c38/resourceGroups/shop/providers/Microsoft.ManagedIdentity/userAssignedIdentities/node"]
  notice_queue_ids             = ["/subscriptions/1f3fa6d2-851c-4a91-9087-1a050f3a9c38/resourceGroups/shop/providers/Microsoft.Storage/storageAccounts/shopnotices/queueServices/default/queues/shop"]
}

run "each_role_may_what_is_written_down" {
  command = plan

  assert {
    condition     = jsonencode({ for name, one in azurerm_role_definition.this : name => concat(one.permissions[0].actions, tolist(one.permissions[0].data_actions)) }) == jsonencode(jsondecode(file("tests/roles.json")))
    error_message = "The roles are not as in tests/roles.json: ${jsonencode({ for name, one in azurerm_role_definition.this : name => concat(one.permissions[0].actions, tolist(one.permissions[0].data_actions)) })}"
  }
}

run "each_is_bound_to_its_own_objects_alone" {
  command = plan

  assert {
    condition     = toset([for name, one in azurerm_role_assignment.this : one.scope if strcontains(name, "-sets-")]) == toset(var.scale_set_ids)
    error_message = "What is about scale sets must reach the pools alone."
  }
  assert {
    condition     = toset([for name, one in azurerm_role_assignment.this : one.scope if strcontains(name, "-balancers-")]) == toset(var.load_balancer_ids)
    error_message = "What is about load balancers must reach the named ones alone."
  }
  assert {
    condition     = toset([for name, one in azurerm_role_assignment.this : one.scope if strcontains(name, "-gateways-")]) == toset(var.application_gateway_ids)
    error_message = "What is about application gateways must reach the named ones alone."
  }
  assert {
    condition     = toset([for name, one in azurerm_role_assignment.this : one.scope if strcontains(name, "-queues-")]) == toset(var.notice_queue_ids)
    error_message = "What is about queues must reach the named ones alone."
  }
  assert {
    condition     = length(azurerm_role_definition.this["actor-queues"].permissions[0].actions) == 0
    error_message = "Who takes notices may do nothing to the queue itself."
  }
  assert {
    condition     = toset([for name, one in azurerm_role_assignment.this : one.principal_id if startswith(name, "actor-")]) == toset(var.actors)
    error_message = "Only actors may act."
  }
  assert {
    condition     = alltrue([for name, one in azurerm_role_assignment.this : one.principal_id != var.observers[0] if startswith(name, "actor-")])
    error_message = "Observers only look."
  }
}

run "what_is_not_there_is_not_granted" {
  command = plan

  variables {
    observers                    = []
    flexible_group_ids           = []
    network_ids                  = []
    standby_pool_ids             = []
    load_balancer_ids            = []
    application_gateway_ids      = []
    application_gateway_part_ids = []
    identity_ids                 = []
    notice_queue_ids             = []
  }

  assert {
    condition     = toset(keys(azurerm_role_definition.this)) == toset(["actor-sets", "actor-subscription", "observer-sets", "observer-subscription"])
    error_message = "Without flexible sets, networks, load balancers and identities there are no roles for them."
  }
}

# Inputs that are refused before anything is made: `terraform test`.

mock_provider "azurerm" {}

variables {
  cluster         = "shop"
  subscription_id = "1f3fa6d2-851c-4a91-9087-1a050f3a9c38"
  actors          = ["0a1b2c3d-0000-4000-8000-000000000002"]
  scale_set_ids   = ["/subscriptions/1f3fa6d2-851c-4a91-9087-1a050f3a9c38/resourceGroups/shop/providers/Microsoft.Compute/virtualMachineScaleSets/shop-general"]
}

run "a_cluster_without_a_name" {
  command = plan

  variables {
    cluster = ""
  }

  expect_failures = [var.cluster]
}

run "a_subscription_by_name" {
  command = plan

  variables {
    subscription_id = "production"
  }

  expect_failures = [var.subscription_id]
}

run "an_observer_by_name" {
  command = plan

  variables {
    observers = ["somebody"]
  }

  expect_failures = [var.observers]
}

run "nobody_to_act" {
  command = plan

  variables {
    actors = []
  }

  expect_failures = [var.actors]
}

run "a_whole_group_for_a_set" {
  command = plan

  variables {
    scale_set_ids = ["/subscriptions/1f3fa6d2-851c-4a91-9087-1a050f3a9c38/resourceGroups/shop"]
  }

  expect_failures = [var.scale_set_ids]
}

run "a_subscription_for_a_group" {
  command = plan

  variables {
    flexible_group_ids = ["/subscriptions/1f3fa6d2-851c-4a91-9087-1a050f3a9c38"]
  }

  expect_failures = [var.flexible_group_ids]
}

run "a_group_for_a_load_balancer" {
  command = plan

  variables {
    load_balancer_ids = ["/subscriptions/1f3fa6d2-851c-4a91-9087-1a050f3a9c38/resourceGroups/shop"]
  }

  expect_failures = [var.load_balancer_ids]
}

run "a_set_for_a_standby_pool" {
  command = plan

  variables {
    standby_pool_ids = var.scale_set_ids
  }

  expect_failures = [var.standby_pool_ids]
}

run "a_load_balancer_for_a_gateway" {
  command = plan

  variables {
    application_gateway_ids = ["/subscriptions/1f3fa6d2-851c-4a91-9087-1a050f3a9c38/resourceGroups/shop/providers/Microsoft.Network/loadBalancers/edge"]
  }

  expect_failures = [var.application_gateway_ids]
}

run "a_gateway_for_what_it_names" {
  command = plan

  variables {
    application_gateway_part_ids = ["/subscriptions/1f3fa6d2-851c-4a91-9087-1a050f3a9c38/resourceGroups/shop/providers/Microsoft.Network/applicationGateways/front"]
  }

  expect_failures = [var.application_gateway_part_ids]
}

run "a_whole_network" {
  command = plan

  variables {
    network_ids = ["/subscriptions/1f3fa6d2-851c-4a91-9087-1a050f3a9c38/resourceGroups/shop"]
  }

  expect_failures = [var.network_ids]
}

run "an_identity_by_name" {
  command = plan

  variables {
    identity_ids = ["node"]
  }

  expect_failures = [var.identity_ids]
}

run "an_account_for_a_queue" {
  command = plan

  variables {
    notice_queue_ids = ["/subscriptions/1f3fa6d2-851c-4a91-9087-1a050f3a9c38/resourceGroups/shop/providers/Microsoft.Storage/storageAccounts/shopnotices"]
  }

  expect_failures = [var.notice_queue_ids]
}

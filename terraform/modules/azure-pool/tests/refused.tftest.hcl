# Inputs that are refused before anything is made: `terraform test`.

mock_provider "azurerm" {}

variables {
  name                      = "general"
  cluster                   = "shop"
  subscription_id           = "1f3fa6d2-851c-4a91-9087-1a050f3a9c38"
  resource_group            = "shop-prod"
  location                  = "westeurope"
  max                       = 40
  machine                   = { name = "Standard_D2s_v5" }
  image_id                  = "/subscriptions/1f3fa6d2-851c-4a91-9087-1a050f3a9c38/resourceGroups/shop-prod/providers/Microsoft.Compute/images/node"
  subnet_id                 = "/subscriptions/1f3fa6d2-851c-4a91-9087-1a050f3a9c38/resourceGroups/shop-prod/providers/Microsoft.Network/virtualNetworks/shop/subnets/nodes"
  network_security_group_id = "/subscriptions/1f3fa6d2-851c-4a91-9087-1a050f3a9c38/resourceGroups/shop-prod/providers/Microsoft.Network/networkSecurityGroups/nodes"
  admin                     = { public_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMadeUp" }
}

run "a_name_that_begins_with_a_digit" {
  command = plan

  variables {
    name = "1st"
  }

  expect_failures = [var.name]
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

run "a_group_with_a_slash" {
  command = plan

  variables {
    resource_group = "shop/prod"
  }

  expect_failures = [var.resource_group]
}

run "a_region_with_a_space" {
  command = plan

  variables {
    location = "West Europe"
  }

  expect_failures = [var.location]
}

run "a_zone_with_its_region" {
  command = plan

  variables {
    zones = ["westeurope-1"]
  }

  expect_failures = [var.zones]
}

run "half_a_machine" {
  command = plan

  variables {
    min = 0.5
  }

  expect_failures = [var.min]
}

run "more_than_a_set_holds" {
  command = plan

  variables {
    max = 1001
  }

  expect_failures = [var.max]
}

run "a_maximum_below_the_minimum" {
  command = plan

  variables {
    min = 41
  }

  expect_failures = [var.max]
}

run "a_size_with_a_hyphen" {
  command = plan

  variables {
    machine = { name = "e2-standard-4" }
  }

  expect_failures = [var.machine]
}

run "cpu_without_memory" {
  command = plan

  variables {
    machine = { name = "Standard_D2s_v5", cpu = "2" }
  }

  expect_failures = [var.machine]
}

run "a_price_without_what_it_buys" {
  command = plan

  variables {
    machine = { name = "Standard_D2s_v5", price = "0.115 USD" }
  }

  expect_failures = [var.machine]
}

run "a_price_without_a_currency" {
  command = plan

  variables {
    machine = { name = "Standard_D2s_v5", cpu = "2", memory = "8Gi", price = "0.115" }
  }

  expect_failures = [var.machine]
}

run "both_markets" {
  command = plan

  variables {
    market = "both"
  }

  expect_failures = [var.market]
}

run "an_image_by_name" {
  command = plan

  variables {
    image_id = "node"
  }

  expect_failures = [var.image_id]
}

run "a_subnet_by_name" {
  command = plan

  variables {
    subnet_id = "nodes"
  }

  expect_failures = [var.subnet_id]
}

run "a_security_group_by_name" {
  command = plan

  variables {
    network_security_group_id = "nodes"
  }

  expect_failures = [var.network_security_group_id]
}

run "a_private_key_for_a_public_one" {
  command = plan

  variables {
    admin = { public_key = "made up" }
  }

  expect_failures = [var.admin]
}

run "an_identity_by_name" {
  command = plan

  variables {
    identity_ids = ["node"]
  }

  expect_failures = [var.identity_ids]
}

run "a_token_in_the_boot_script" {
  command = plan

  variables {
    custom_data = "docker swarm join --token SWMTKN-1-made-up 10.0.0.1:2377"
  }

  expect_failures = [var.custom_data]
}

run "a_boot_script_too_long" {
  command = plan

  variables {
    custom_data = join("", [for each in range(1024) : join("", [for more in range(8) : "0123456789"])])
  }

  expect_failures = [var.custom_data]
}

run "a_disk_of_one_gb" {
  command = plan

  variables {
    disk = { size_gb = 1 }
  }

  expect_failures = [var.disk]
}

run "another_way_to_name_nodes" {
  command = plan

  variables {
    node_name = "ip"
  }

  expect_failures = [var.node_name]
}

run "a_taint_that_does_nothing" {
  command = plan

  variables {
    taints = [{ key = "for", effect = "frown" }]
  }

  expect_failures = [var.taints]
}

run "a_span_without_a_unit" {
  command = plan

  variables {
    idle = "300"
  }

  expect_failures = [var.idle]
}

run "a_tag_that_is_ours" {
  command = plan

  variables {
    tags = { poolkeeper-cluster = "other" }
  }

  expect_failures = [var.tags]
}

run "more_that_stand_by_than_a_set_may_have" {
  command = plan

  variables {
    standby = 1000
  }

  expect_failures = [var.standby]
}

run "part_of_a_machine_that_stands_by" {
  command = plan

  variables {
    standby = 0.5
  }

  expect_failures = [var.standby]
}

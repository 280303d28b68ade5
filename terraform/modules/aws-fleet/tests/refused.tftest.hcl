# Inputs that are refused before anything is made: `terraform test`.

mock_provider "aws" {}

variables {
  name               = "general"
  cluster            = "shop"
  max                = 40
  image_id           = "ami-0a1b2c3d4e5f60718"
  subnets            = { eu-central-1a = "subnet-0a1b2c3d4e5f60718" }
  security_group_ids = ["sg-0a1b2c3d4e5f60718"]
  types              = [{ name = "m7g.large" }]
}

run "a_name_of_capitals" {
  command = plan

  variables {
    name = "General"
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

run "half_a_machine" {
  command = plan

  variables {
    min = 0.5
  }

  expect_failures = [var.min]
}

run "room_for_none" {
  command = plan

  variables {
    max = 0
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

run "no_type" {
  command = plan

  variables {
    types = []
  }

  expect_failures = [var.types]
}

run "a_type_twice" {
  command = plan

  variables {
    types = [{ name = "m7g.large" }, { name = "m7g.large" }]
  }

  expect_failures = [var.types]
}

run "cpu_without_memory" {
  command = plan

  variables {
    types = [{ name = "m7g.large", cpu = "2" }]
  }

  expect_failures = [var.types]
}

run "a_price_without_what_it_buys" {
  command = plan

  variables {
    types = [{ name = "m7g.large", price = "0.0952 USD" }]
  }

  expect_failures = [var.types]
}

run "a_price_without_a_currency" {
  command = plan

  variables {
    types = [{ name = "m7g.large", cpu = "2", memory = "8Gi", price = "0.0952" }]
  }

  expect_failures = [var.types]
}

run "both_markets" {
  command = plan

  variables {
    markets = ["both"]
  }

  expect_failures = [var.markets]
}

run "an_image_that_is_none" {
  command = plan

  variables {
    image_id = "ubuntu"
  }

  expect_failures = [var.image_id]
}

run "no_subnet" {
  command = plan

  variables {
    subnets = {}
  }

  expect_failures = [var.subnets]
}

run "no_security_group" {
  command = plan

  variables {
    security_group_ids = []
  }

  expect_failures = [var.security_group_ids]
}

run "a_role_for_a_profile" {
  command = plan

  variables {
    instance_profile_arn = "arn:aws:iam::123456789012:role/node"
  }

  expect_failures = [var.instance_profile_arn]
}

run "a_token_in_the_boot_script" {
  command = plan

  variables {
    user_data = "docker swarm join --token SWMTKN-1-made-up 10.0.0.1:2377"
  }

  expect_failures = [var.user_data]
}

run "a_boot_script_too_long" {
  command = plan

  variables {
    user_data = join("", [for each in range(1024) : "0123456789abcdef+"])
  }

  expect_failures = [var.user_data]
}

run "a_disk_of_one_gib" {
  command = plan

  variables {
    disk = { size_gib = 1 }
  }

  expect_failures = [var.disk]
}

run "metadata_for_the_whole_network" {
  command = plan

  variables {
    metadata_hops = 64
  }

  expect_failures = [var.metadata_hops]
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

run "a_role_by_name" {
  command = plan

  variables {
    role_arn = "shop-actor"
  }

  expect_failures = [var.role_arn]
}

run "an_external_id_without_a_role" {
  command = plan

  variables {
    external_id = "shop-1"
  }

  expect_failures = [var.external_id]
}

run "a_tag_that_is_ours" {
  command = plan

  variables {
    tags = { "poolkeeper:cluster" = "other" }
  }

  expect_failures = [var.tags]
}

run "one_subnet_for_two_zones" {
  command = plan

  variables {
    subnets = { eu-central-1a = "subnet-0a1b2c3d4e5f60718", eu-central-1b = "subnet-0a1b2c3d4e5f60718" }
  }

  expect_failures = [var.subnets]
}

# Inputs that are refused before anything is made: `terraform test`.

mock_provider "google" {}

variables {
  name       = "general"
  cluster    = "shop"
  project    = "shop-prod"
  zone       = "europe-west4-a"
  max        = 40
  image      = "projects/debian-cloud/global/images/family/debian-12"
  subnetwork = "projects/shop-prod/regions/europe-west4/subnetworks/nodes"
  types      = [{ name = "e2-standard-4" }]
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

run "a_project_of_capitals" {
  command = plan

  variables {
    project = "Shop"
  }

  expect_failures = [var.project]
}

run "a_region_for_a_zone" {
  command = plan

  variables {
    zone = "europe-west4"
  }

  expect_failures = [var.zone]
}

run "a_zone_and_a_region" {
  command = plan

  variables {
    region = "europe-west4"
  }

  expect_failures = [var.zone]
}

run "a_zone_for_a_region" {
  command = plan

  variables {
    zone   = null
    region = "europe-west4-a"
  }

  expect_failures = [var.region]
}

run "zones_beside_a_zone" {
  command = plan

  variables {
    zones = ["europe-west4-a"]
  }

  expect_failures = [var.zones]
}

run "an_image_that_is_none" {
  command = plan

  variables {
    image = "debian-12"
  }

  expect_failures = [var.image]
}

run "a_subnetwork_by_name" {
  command = plan

  variables {
    subnetwork = "nodes"
  }

  expect_failures = [var.subnetwork]
}

run "the_default_account" {
  command = plan

  variables {
    service_account = "123-compute@developer.gserviceaccount.com"
  }

  expect_failures = [var.service_account]
}

run "a_token_in_the_boot_script" {
  command = plan

  variables {
    startup_script = "docker swarm join --token SWMTKN-1-made-up 10.0.0.1:2377"
  }

  expect_failures = [var.startup_script]
}

run "a_boot_script_too_long" {
  command = plan

  variables {
    startup_script = join("", [for each in range(1024) : join("", [for more in range(32) : "0123456789"])])
  }

  expect_failures = [var.startup_script]
}

run "a_disk_of_one_gb" {
  command = plan

  variables {
    disk = { size_gb = 1 }
  }

  expect_failures = [var.disk]
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
    types = [{ name = "e2-standard-4" }, { name = "e2-standard-4" }]
  }

  expect_failures = [var.types]
}

run "several_types_in_one_zone" {
  command = plan

  variables {
    types = [{ name = "e2-standard-4" }, { name = "n2-standard-4" }]
  }

  expect_failures = [var.types]
}

run "cpu_without_memory" {
  command = plan

  variables {
    types = [{ name = "e2-standard-4", cpu = "4" }]
  }

  expect_failures = [var.types]
}

run "a_price_without_what_it_buys" {
  command = plan

  variables {
    types = [{ name = "e2-standard-4", price = "0.1475 USD" }]
  }

  expect_failures = [var.types]
}

run "a_price_without_a_currency" {
  command = plan

  variables {
    types = [{ name = "e2-standard-4", cpu = "4", memory = "16Gi", price = "0.1475" }]
  }

  expect_failures = [var.types]
}

run "both_markets" {
  command = plan

  variables {
    market = "both"
  }

  expect_failures = [var.market]
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

run "a_label_that_is_ours" {
  command = plan

  variables {
    resource_labels = { poolkeeper-cluster = "other" }
  }

  expect_failures = [var.resource_labels]
}

run "a_part_of_a_machine_that_stands_by" {
  command = plan

  variables {
    standby = { stopped = 1.5 }
  }

  expect_failures = [var.standby]
}

run "more_than_an_hour_to_prepare" {
  command = plan

  variables {
    standby = { stopped = 1, initial_delay_s = 3601 }
  }

  expect_failures = [var.standby]
}

# What a pool is made of, without Google: `terraform test`.

mock_provider "google" {
  override_during = plan

  override_resource {
    target = google_compute_instance_template.this
    values = { self_link_unique = "projects/shop-prod/global/instanceTemplates/shop-general?uniqueId=1" }
  }
}

variables {
  name       = "general"
  cluster    = "shop"
  project    = "shop-prod"
  zone       = "europe-west4-a"
  min        = 2
  max        = 40
  image      = "projects/debian-cloud/global/images/family/debian-12"
  subnetwork = "projects/shop-prod/regions/europe-west4/subnetworks/nodes"
  types      = [{ name = "e2-standard-4", cpu = "4", memory = "16Gi", price = "0.1475 USD" }]
}

run "machines_keep_their_account_and_disk_to_themselves" {
  command = plan

  assert {
    condition     = length(google_compute_instance_template.this.service_account) == 0
    error_message = "A machine has no account unless one is named."
  }
  assert {
    condition     = length(google_compute_instance_template.this.network_interface[0].access_config) == 0
    error_message = "A machine must have no address of the outside."
  }
  assert {
    condition     = google_compute_instance_template.this.shielded_instance_config[0].enable_secure_boot && google_compute_instance_template.this.metadata["block-project-ssh-keys"] == "TRUE"
    error_message = "Machines must boot what is signed, and take no key of the project's."
  }
  assert {
    condition     = google_compute_instance_template.this.labels["poolkeeper-cluster"] == "shop" && google_compute_instance_template.this.disk[0].labels["poolkeeper-pool"] == "general"
    error_message = "Machines and disks must say whose they are."
  }
}

run "nobody_else_chooses_what_becomes_of_a_machine" {
  command = plan

  assert {
    condition     = google_compute_instance_group_manager.this[0].instance_lifecycle_policy[0].default_action_on_failure == "DO_NOTHING"
    error_message = "What is gone must not come again under its name."
  }
  assert {
    condition     = google_compute_instance_group_manager.this[0].update_policy[0].type == "OPPORTUNISTIC"
    error_message = "A new template must replace no machine."
  }
  assert {
    condition     = length(google_compute_instance_group_manager.this[0].auto_healing_policies) == 0 && !google_compute_instance_template.this.scheduling[0].automatic_restart
    error_message = "Nothing may heal or restart machines."
  }
  assert {
    condition     = google_compute_instance_group_manager.this[0].list_managed_instances_results == "PAGINATED"
    error_message = "Large groups must be listed page by page."
  }
}

run "a_pool_in_a_zone_is_a_policy_file" {
  command = plan

  assert {
    condition     = length(google_compute_region_instance_group_manager.this) == 0
    error_message = "There is one group."
  }
  assert {
    condition     = output.policy == file("tests/general.yaml")
    error_message = "The policy file is not as in tests/general.yaml: ${output.policy}"
  }
}

run "nobody_stands_by_unless_said" {
  command = plan

  assert {
    condition     = length(google_compute_instance_group_manager.this[0].standby_policy) == 0 && google_compute_instance_group_manager.this[0].target_stopped_size == 0
    error_message = "Machines that stand by cost, and are for whoever asks for them."
  }
}

run "what_stands_by_is_made_anew_when_it_is_needed" {
  command = plan

  variables {
    standby = { stopped = 2, suspended = 1, initial_delay_s = 120 }
  }

  assert {
    condition     = google_compute_instance_group_manager.this[0].standby_policy[0].mode == "SCALE_OUT_POOL"
    error_message = "Google must make others in the place of those that are started."
  }
  assert {
    condition     = google_compute_instance_group_manager.this[0].standby_policy[0].initial_delay_sec == 120
    error_message = "The script must have the time that was given."
  }
  assert {
    condition     = google_compute_instance_group_manager.this[0].target_stopped_size == 2 && google_compute_instance_group_manager.this[0].target_suspended_size == 1
    error_message = "As many must stand by as were asked for."
  }
}

run "what_stands_by_over_a_region" {
  command = plan

  variables {
    zone    = null
    region  = "europe-west4"
    standby = { stopped = 3 }
  }

  assert {
    condition     = google_compute_region_instance_group_manager.this[0].target_stopped_size == 3 && google_compute_region_instance_group_manager.this[0].standby_policy[0].initial_delay_sec == 300
    error_message = "A group over a region must keep them as well."
  }
}

run "a_pool_over_a_region_moves_nothing_between_zones" {
  command = plan

  variables {
    zone            = null
    region          = "europe-west4"
    zones           = ["europe-west4-a", "europe-west4-b"]
    market          = "spot"
    types           = [{ name = "e2-standard-4", cpu = "4", memory = "16Gi" }, { name = "n2-standard-4", cpu = "4", memory = "16Gi" }]
    min             = 0
    idle            = "5m"
    service_account = "node@shop-prod.iam.gserviceaccount.com"
    reserve         = { cpu = "100m", memory = "1Gi" }
    labels          = { tier = "batch" }
    taints          = [{ key = "for", value = "batch" }]
  }

  assert {
    condition     = google_compute_region_instance_group_manager.this[0].update_policy[0].instance_redistribution_type == "NONE"
    error_message = "No machine may be ended to keep zones even."
  }
  assert {
    condition = { for one in google_compute_region_instance_group_manager.this[0].instance_flexibility_policy[0].instance_selections : one.rank => one.machine_types } == {
      1 = toset(["e2-standard-4"]), 2 = toset(["n2-standard-4"])
    }
    error_message = "The types must be ranked as they were given."
  }
  assert {
    condition     = google_compute_instance_template.this.scheduling[0].provisioning_model == "SPOT" && google_compute_instance_template.this.scheduling[0].preemptible
    error_message = "The template must ask for spot."
  }
  assert {
    condition     = google_compute_instance_template.this.service_account[0].email == "node@shop-prod.iam.gserviceaccount.com"
    error_message = "The machines must have the account that was named."
  }
  assert {
    condition     = output.policy == file("tests/batch.yaml")
    error_message = "The policy file is not as in tests/batch.yaml: ${output.policy}"
  }
}

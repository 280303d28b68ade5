locals {
  full_name = "${var.cluster}-${var.name}"
  spot      = var.market == "spot"
  regional  = var.region != null
  standby   = var.standby.stopped + var.standby.suspended > 0

  # What binds pool, cluster and policy; labels of Google's may not hold a colon.
  tags = merge(var.resource_labels, {
    poolkeeper-cluster = var.cluster
    poolkeeper-pool    = var.name
  })
}

resource "google_compute_instance_template" "this" {
  project                 = var.project
  name_prefix             = "${local.full_name}-"
  description             = "Machines of pool ${var.name} of cluster ${var.cluster}"
  machine_type            = var.types[0].name
  metadata_startup_script = var.startup_script
  labels                  = local.tags
  tags                    = var.network_tags
  can_ip_forward          = false

  metadata = {
    enable-oslogin         = "TRUE"
    block-project-ssh-keys = "TRUE"
    serial-port-enable     = "FALSE"
  }

  disk {
    boot         = true
    auto_delete  = true
    source_image = var.image
    disk_size_gb = var.disk.size_gb
    disk_type    = var.disk.type
    labels       = local.tags

    dynamic "disk_encryption_key" {
      for_each = var.disk.kms_key[*]

      content {
        kms_key_self_link = disk_encryption_key.value
      }
    }
  }

  # No access_config: no address of the outside.
  network_interface {
    subnetwork = var.subnetwork
  }

  dynamic "service_account" {
    for_each = var.service_account[*]

    content {
      email  = service_account.value
      scopes = ["cloud-platform"]
    }
  }

  shielded_instance_config {
    enable_secure_boot          = true
    enable_vtpm                 = true
    enable_integrity_monitoring = true
  }

  # A machine that stopped by itself is given back: Google must not start it again.
  scheduling {
    automatic_restart   = false
    on_host_maintenance = local.spot ? "TERMINATE" : "MIGRATE"
    preemptible         = local.spot
    provisioning_model  = local.spot ? "SPOT" : "STANDARD"
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "google_compute_instance_group_manager" "this" {
  count = local.regional ? 0 : 1

  project                        = var.project
  zone                           = var.zone
  name                           = local.full_name
  base_instance_name             = local.full_name
  target_size                    = var.min
  target_stopped_size            = var.standby.stopped
  target_suspended_size          = var.standby.suspended
  list_managed_instances_results = "PAGINATED"
  wait_for_instances             = false

  version {
    instance_template = google_compute_instance_template.this.self_link_unique
  }

  # A new template is for new machines: none is replaced by Google.
  update_policy {
    type                           = "OPPORTUNISTIC"
    minimal_action                 = "REPLACE"
    most_disruptive_allowed_action = "REPLACE"
  }

  # What is gone stays gone, else it would come again under its old name.
  instance_lifecycle_policy {
    default_action_on_failure = "DO_NOTHING"
    force_update_on_repair    = "NO"
  }

  dynamic "standby_policy" {
    for_each = local.standby ? [1] : []

    content {
      mode              = "SCALE_OUT_POOL"
      initial_delay_sec = var.standby.initial_delay_s
    }
  }

  lifecycle {
    # The count is poolkeeper's.
    ignore_changes = [target_size]
  }
}

resource "google_compute_region_instance_group_manager" "this" {
  count = local.regional ? 1 : 0

  project                        = var.project
  region                         = var.region
  name                           = local.full_name
  base_instance_name             = local.full_name
  target_size                    = var.min
  target_stopped_size            = var.standby.stopped
  target_suspended_size          = var.standby.suspended
  list_managed_instances_results = "PAGINATED"
  wait_for_instances             = false
  distribution_policy_zones      = length(var.zones) > 0 ? var.zones : null

  # Several types are for a group that takes what there is, and keeps its zones even no longer.
  distribution_policy_target_shape = length(var.types) > 1 ? "ANY" : "EVEN"

  version {
    instance_template = google_compute_instance_template.this.self_link_unique
  }

  # And no machine is ended to keep zones even.
  update_policy {
    type                           = "OPPORTUNISTIC"
    minimal_action                 = "REPLACE"
    most_disruptive_allowed_action = "REPLACE"
    instance_redistribution_type   = "NONE"
  }

  instance_lifecycle_policy {
    default_action_on_failure = "DO_NOTHING"
    force_update_on_repair    = "NO"
  }

  dynamic "standby_policy" {
    for_each = local.standby ? [1] : []

    content {
      mode              = "SCALE_OUT_POOL"
      initial_delay_sec = var.standby.initial_delay_s
    }
  }

  dynamic "instance_flexibility_policy" {
    for_each = length(var.types) > 1 ? [1] : []

    content {
      dynamic "instance_selections" {
        for_each = var.types[*].name

        content {
          name          = instance_selections.value
          rank          = instance_selections.key + 1
          machine_types = [instance_selections.value]
        }
      }
    }
  }

  lifecycle {
    ignore_changes = [target_size]
  }
}

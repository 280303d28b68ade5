data "aws_region" "here" {}

locals {
  full_name = "${var.cluster}-${var.name}"
  spot      = var.market == "spot"
  mixed     = length(var.types) > 1

  # What binds pool, cluster and policy: the actor role of the module aws-roles touches nothing else.
  bound = {
    "poolkeeper:cluster" = var.cluster
    "poolkeeper:pool"    = var.name
  }
  tags = merge(var.tags, local.bound, { Name = local.full_name })
}

resource "aws_launch_template" "this" {
  name                   = local.full_name
  description            = "Machines of pool ${var.name} of cluster ${var.cluster}"
  image_id               = var.image_id
  instance_type          = var.types[0].name
  user_data              = var.user_data == null ? null : base64encode(var.user_data)
  vpc_security_group_ids = var.security_group_ids
  update_default_version = true
  ebs_optimized          = true
  tags                   = local.tags

  block_device_mappings {
    device_name = var.disk.device

    ebs {
      delete_on_termination = true
      encrypted             = true
      kms_key_id            = var.disk.kms_key_id
      volume_size           = var.disk.size_gib
      volume_type           = var.disk.type
    }
  }

  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = var.metadata_hops
    instance_metadata_tags      = "enabled"
  }

  dynamic "iam_instance_profile" {
    for_each = var.instance_profile_arn[*]

    content {
      arn = iam_instance_profile.value
    }
  }

  # A mixed policy says the market itself, and refuses a template that does so too.
  dynamic "instance_market_options" {
    for_each = local.spot && !local.mixed ? [1] : []

    content {
      market_type = "spot"
    }
  }

  # Tags of what is launched are in the template, for the actor role may launch nothing without them.
  dynamic "tag_specifications" {
    for_each = toset(["instance", "volume", "network-interface"])

    content {
      resource_type = tag_specifications.value
      tags          = local.tags
    }
  }
}

resource "aws_autoscaling_group" "this" {
  name                      = local.full_name
  min_size                  = var.min
  max_size                  = var.max
  vpc_zone_identifier       = var.subnet_ids
  health_check_type         = "EC2"
  health_check_grace_period = var.health_check_grace_s
  wait_for_capacity_timeout = "0"

  # Which machine goes is decided by poolkeeper, and by nobody else.
  protect_from_scale_in = true
  suspended_processes   = ["AZRebalance"]
  capacity_rebalance    = false

  dynamic "launch_template" {
    for_each = local.mixed ? [] : [1]

    content {
      id      = aws_launch_template.this.id
      version = aws_launch_template.this.latest_version
    }
  }

  dynamic "mixed_instances_policy" {
    for_each = local.mixed ? [1] : []

    content {
      instances_distribution {
        on_demand_base_capacity                  = 0
        on_demand_percentage_above_base_capacity = local.spot ? 0 : 100
        on_demand_allocation_strategy            = "prioritized"
        spot_allocation_strategy                 = "price-capacity-optimized"
      }

      launch_template {
        launch_template_specification {
          launch_template_id = aws_launch_template.this.id
          version            = aws_launch_template.this.latest_version
        }

        dynamic "override" {
          for_each = var.types[*].name

          content {
            instance_type = override.value
          }
        }
      }
    }
  }

  # So many, whatever the group's own size: of one bound alone AWS keeps as many as the group could still grow by.
  dynamic "warm_pool" {
    for_each = var.standby[*]

    content {
      pool_state                  = "Stopped"
      min_size                    = warm_pool.value
      max_group_prepared_capacity = warm_pool.value

      # What poolkeeper gives back has left its cluster, and must not come again.
      instance_reuse_policy {
        reuse_on_scale_in = false
      }
    }
  }

  # Hooks that are there with the group hold its very first machines as well.
  dynamic "initial_lifecycle_hook" {
    for_each = var.launch_hook[*]

    content {
      name                 = "launch"
      lifecycle_transition = "autoscaling:EC2_INSTANCE_LAUNCHING"
      heartbeat_timeout    = initial_lifecycle_hook.value.timeout_s
      default_result       = initial_lifecycle_hook.value.result
    }
  }

  dynamic "initial_lifecycle_hook" {
    for_each = var.terminate_hook[*]

    content {
      name                 = "terminate"
      lifecycle_transition = "autoscaling:EC2_INSTANCE_TERMINATING"
      heartbeat_timeout    = initial_lifecycle_hook.value.timeout_s
      default_result       = "CONTINUE"
    }
  }

  dynamic "tag" {
    for_each = local.tags

    content {
      key                 = tag.key
      value               = tag.value
      propagate_at_launch = true
    }
  }

  lifecycle {
    # The count is poolkeeper's.
    ignore_changes = [desired_capacity]
  }
}

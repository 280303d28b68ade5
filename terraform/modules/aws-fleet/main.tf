data "aws_region" "here" {}

locals {
  full_name = "${var.cluster}-${var.name}"
  named     = merge(var.tags, { "poolkeeper:pool" = var.name, Name = local.full_name })

  # What binds pool, cluster and policy: the actor role of the module aws-roles touches nothing else.
  tags = merge(local.named, { "poolkeeper:cluster" = var.cluster })
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

  # A machine that shuts itself down is gone, and not kept, stopped, for its disks to be paid.
  instance_initiated_shutdown_behavior = "terminate"

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

  # Poolkeeper gives a machine the cluster's tag with the launch; disks and network interfaces get it here, for the actor role may launch
  # nothing without it. No key is in both.
  dynamic "tag_specifications" {
    for_each = { instance = local.named, volume = local.tags, network-interface = local.tags }

    content {
      resource_type = tag_specifications.key
      tags          = tag_specifications.value
    }
  }
}

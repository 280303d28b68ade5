# What a pool without a group is made of, without AWS: `terraform test`.

mock_provider "aws" {
  override_during = plan

  override_data {
    target = data.aws_region.here
    values = { region = "eu-central-1" }
  }
  override_resource {
    target = aws_launch_template.this
    values = { id = "lt-0a1b2c3d4e5f60718", latest_version = 3 }
  }
}

variables {
  name               = "burst"
  cluster            = "shop"
  max                = 40
  image_id           = "ami-0a1b2c3d4e5f60718"
  subnets            = { eu-central-1a = "subnet-0a1b2c3d4e5f60718", eu-central-1b = "subnet-1a1b2c3d4e5f60718" }
  security_group_ids = ["sg-0a1b2c3d4e5f60718"]
  types              = [{ name = "m7g.large" }, { name = "m7g.xlarge" }]
}

run "machines_keep_their_role_and_disk_to_themselves" {
  command = plan

  assert {
    condition     = aws_launch_template.this.metadata_options[0].http_tokens == "required"
    error_message = "The metadata service must ask for a token (IMDSv2)."
  }
  assert {
    condition     = aws_launch_template.this.metadata_options[0].http_put_response_hop_limit == 1
    error_message = "Containers must not reach the machine's role unless asked for."
  }
  assert {
    condition     = tobool(aws_launch_template.this.block_device_mappings[0].ebs[0].encrypted)
    error_message = "The disk must be encrypted."
  }
  assert {
    condition     = length(aws_launch_template.this.iam_instance_profile) == 0
    error_message = "A machine has no role unless one is named."
  }
}

run "who_ends_is_gone" {
  command = plan

  assert {
    condition     = aws_launch_template.this.instance_initiated_shutdown_behavior == "terminate"
    error_message = "A machine that shuts itself down must not stay, stopped."
  }
}

run "all_that_is_launched_is_bound_to_its_cluster" {
  command = plan

  assert {
    condition = alltrue([for one in aws_launch_template.this.tag_specifications :
      one.tags["poolkeeper:cluster"] == "shop" if one.resource_type != "instance"
    ])
    error_message = "Disks and network interfaces must say whose they are."
  }
  assert {
    condition     = length(aws_launch_template.this.tag_specifications) == 3
    error_message = "Machines, disks and network interfaces must be tagged."
  }
  assert {
    condition     = alltrue([for one in aws_launch_template.this.tag_specifications : !contains(keys(one.tags), "poolkeeper:cluster") if one.resource_type == "instance"])
    error_message = "What poolkeeper gives with the launch must not be in the template as well."
  }
}

run "its_output_is_a_pool" {
  command = plan

  assert {
    condition     = output.policy == file("tests/burst.yaml")
    error_message = "The policy file is not as in tests/burst.yaml: ${output.policy}"
  }
}

run "both_markets_are_poolkeepers_to_choose_from" {
  command = plan

  variables {
    markets     = ["spot", "on-demand"]
    min         = 1
    idle        = "2m"
    node_name   = "id"
    types       = [{ name = "m7g.large", cpu = "2", memory = "8Gi", price = "0.0952 USD", spot_price = "0.0381 USD" }]
    reserve     = { cpu = "100m", memory = "512Mi" }
    labels      = { tier = "batch" }
    taints      = [{ key = "for", value = "batch" }]
    role_arn    = "arn:aws:iam::123456789012:role/shop-actor"
    external_id = "shop-1"
  }

  assert {
    condition     = length(aws_launch_template.this.instance_market_options) == 0
    error_message = "EC2 Fleet refuses a template that says the market."
  }
  assert {
    condition     = output.policy == file("tests/both.yaml")
    error_message = "The policy file is not as in tests/both.yaml: ${output.policy}"
  }
}

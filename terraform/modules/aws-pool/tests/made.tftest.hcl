# What a pool is made of, without AWS: `terraform test`.

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
  name               = "general"
  cluster            = "shop"
  min                = 2
  max                = 40
  image_id           = "ami-0a1b2c3d4e5f60718"
  subnet_ids         = ["subnet-0a1b2c3d4e5f60718", "subnet-1a1b2c3d4e5f60718"]
  security_group_ids = ["sg-0a1b2c3d4e5f60718"]
  types              = [{ name = "m7g.large", cpu = "2", memory = "8Gi", price = "0.0952 USD", spot_price = "0.0381 USD" }]
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

run "nobody_else_chooses_which_machine_goes" {
  command = plan

  assert {
    condition     = aws_autoscaling_group.this.protect_from_scale_in
    error_message = "What the group launches must be protected from its own scale-in."
  }
  assert {
    condition     = aws_autoscaling_group.this.suspended_processes == toset(["AZRebalance"])
    error_message = "AZRebalance ends machines of its own choice."
  }
  assert {
    condition     = length(aws_autoscaling_group.this.initial_lifecycle_hook) == 0
    error_message = "There are hooks only where asked for."
  }
}

run "all_that_is_launched_is_bound_to_its_cluster_and_pool" {
  command = plan

  assert {
    condition     = toset([for one in aws_launch_template.this.tag_specifications : one.resource_type]) == toset(["instance", "network-interface", "volume"])
    error_message = "Machines, disks and network interfaces must be tagged."
  }
  assert {
    condition = alltrue([for one in aws_launch_template.this.tag_specifications :
      one.tags["poolkeeper:cluster"] == "shop" && one.tags["poolkeeper:pool"] == "general"
    ])
    error_message = "Whatever is launched must say whose it is."
  }
  assert {
    condition     = anytrue([for one in aws_autoscaling_group.this.tag : one.key == "poolkeeper:cluster" && one.value == "shop"])
    error_message = "The group must say whose it is."
  }
}

run "just_so_many_stand_by_and_none_comes_again" {
  command = plan

  variables {
    standby = 3
  }

  assert {
    condition     = aws_autoscaling_group.this.warm_pool[0].min_size == 3 && aws_autoscaling_group.this.warm_pool[0].max_group_prepared_capacity == 3
    error_message = "The warm pool must have an absolute size."
  }
  assert {
    condition     = aws_autoscaling_group.this.warm_pool[0].pool_state == "Stopped" && !aws_autoscaling_group.this.warm_pool[0].instance_reuse_policy[0].reuse_on_scale_in
    error_message = "Machines must wait stopped, and none that was given back among them."
  }
}

run "a_hook_that_is_poolkeepers_to_complete_is_in_the_policy_file" {
  command = plan

  variables {
    terminate_hook = { complete = true }
  }

  assert {
    condition     = output.pools.general.aws.complete_hooks == ["terminate"]
    error_message = "The pool must name the hook: ${output.policy}"
  }
}

run "nobody_stands_by_unless_asked_for" {
  command = plan

  assert {
    condition     = length(aws_autoscaling_group.this.warm_pool) == 0
    error_message = "A warm pool costs its disks: there is none unless asked for."
  }
}

run "one_type_is_the_templates_own" {
  command = plan

  assert {
    condition     = aws_autoscaling_group.this.launch_template[0].id == "lt-0a1b2c3d4e5f60718" && aws_autoscaling_group.this.launch_template[0].version == "3"
    error_message = "The group must launch by a numbered version of the template."
  }
  assert {
    condition     = length(aws_autoscaling_group.this.mixed_instances_policy) == 0 && length(aws_launch_template.this.instance_market_options) == 0
    error_message = "One type on demand needs no mixed policy and no market."
  }
  assert {
    condition     = output.policy == file("tests/general.yaml")
    error_message = "The policy file is not as in tests/general.yaml: ${output.policy}"
  }
}

run "one_type_of_spot_is_the_templates_own_too" {
  command = plan

  variables {
    market = "spot"
  }

  assert {
    condition     = aws_launch_template.this.instance_market_options[0].market_type == "spot"
    error_message = "The template must ask for spot."
  }
}

run "several_types_are_of_one_market" {
  command = plan

  variables {
    types = [{ name = "m7g.large" }, { name = "m6g.large" }]
  }

  assert {
    condition     = length(aws_autoscaling_group.this.launch_template) == 0
    error_message = "A mixed group has no template beside its policy's."
  }
  assert {
    condition     = aws_autoscaling_group.this.mixed_instances_policy[0].launch_template[0].override[*].instance_type == tolist(["m7g.large", "m6g.large"])
    error_message = "The types must come in the order they were given."
  }
  assert {
    condition     = aws_autoscaling_group.this.mixed_instances_policy[0].instances_distribution[0].on_demand_percentage_above_base_capacity == 100
    error_message = "On demand means all of them."
  }
}

run "several_types_of_spot_are_all_spot" {
  command = plan

  variables {
    market               = "spot"
    types                = [{ name = "m7g.large", cpu = "2", memory = "8Gi" }, { name = "m6g.large", cpu = "2", memory = "8Gi" }]
    min                  = 0
    idle                 = "5m"
    instance_profile_arn = "arn:aws:iam::123456789012:instance-profile/shop-node"
    reserve              = { cpu = "100m", memory = "512Mi" }
    labels               = { tier = "batch" }
    taints               = [{ key = "for", value = "batch" }]
    role_arn             = "arn:aws:iam::123456789012:role/shop-actor"
    external_id          = "shop-1"
    node_name            = "id"
    launch_hook          = {}
    terminate_hook       = { timeout_s = 60 }
  }

  assert {
    condition = (
      aws_autoscaling_group.this.mixed_instances_policy[0].instances_distribution[0].on_demand_percentage_above_base_capacity == 0 &&
      aws_autoscaling_group.this.mixed_instances_policy[0].instances_distribution[0].on_demand_base_capacity == 0
    )
    error_message = "Spot means all of them: a group of both markets does not know LaunchInstances."
  }
  assert {
    condition     = length(aws_launch_template.this.instance_market_options) == 0
    error_message = "A template with a market is refused by a mixed policy."
  }
  assert {
    condition     = toset([for one in aws_autoscaling_group.this.initial_lifecycle_hook : "${one.name} ${one.default_result} ${one.heartbeat_timeout}"]) == toset(["launch ABANDON 300", "terminate CONTINUE 60"])
    error_message = "The hooks must be those that were asked for."
  }
  assert {
    condition     = output.policy == file("tests/batch.yaml")
    error_message = "The policy file is not as in tests/batch.yaml: ${output.policy}"
  }
}

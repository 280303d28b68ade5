# Scripts and what they need, without a cloud: `terraform test`.

variables {
  cloud        = "aws"
  orchestrator = "swarm"
  manager      = "10.0.0.10:2377"
  secret       = "arn:aws:ssm:eu-central-1:123456789012:parameter/shop/join"
}

run "a_machine_of_aws_may_read_one_parameter_and_nothing_else" {
  command = plan

  variables {
    kms_key_arn = "arn:aws:kms:eu-central-1:123456789012:key/1f3fa6d2-851c-4a91-9087-1a050f3a9c38"
  }

  assert {
    condition     = output.aws_policy == jsonencode(jsondecode(file("tests/parameter.json")))
    error_message = "The policy is not as in tests/parameter.json: ${output.aws_policy}"
  }
  assert {
    condition     = output.gcp_role == null && output.azure_role == null
    error_message = "No other cloud has a part in it."
  }
}

run "or_one_secret" {
  command = plan

  variables {
    secret = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:shop-join-AbCdEf"
  }

  assert {
    condition = jsondecode(output.aws_policy).Statement == [{
      Sid      = "Secret"
      Effect   = "Allow"
      Action   = ["secretsmanager:GetSecretValue"]
      Resource = ["arn:aws:secretsmanager:eu-central-1:123456789012:secret:shop-join-AbCdEf"]
    }]
    error_message = "The machines' role must read one secret only: ${output.aws_policy}"
  }
}

run "a_machine_of_ecs_speaks_for_itself_in_one_cluster" {
  command = plan

  variables {
    orchestrator = "ecs"
    manager      = "shop"
    secret       = null
    labels       = { tier = "batch" }
  }

  assert {
    condition     = output.aws_policy == jsonencode(jsondecode(file("tests/agent.json")))
    error_message = "The policy is not as in tests/agent.json: ${output.aws_policy}"
  }
}

run "a_machine_that_is_held_back_may_say_that_it_has_joined" {
  command = plan

  variables {
    launch_hook = { group = "shop-general" }
  }

  assert {
    condition = jsondecode(output.aws_policy).Statement[1] == {
      Sid      = "Hook"
      Effect   = "Allow"
      Action   = ["autoscaling:CompleteLifecycleAction"]
      Resource = ["arn:aws:autoscaling:*:*:autoScalingGroup:*:autoScalingGroupName/shop-general"]
    }
    error_message = "The machines' role must complete hooks of one group only: ${output.aws_policy}"
  }
}

run "an_engine_that_stands_for_itself_needs_nothing" {
  command = plan

  variables {
    orchestrator   = "docker"
    manager        = null
    secret         = null
    ssh_public_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMadeUp poolkeeper"
  }

  assert {
    condition     = output.aws_policy == null
    error_message = "There is nothing to read."
  }
}

run "a_machine_of_google_may_read_one_secret" {
  command = plan

  variables {
    cloud  = "gcp"
    secret = "projects/shop-prod/secrets/join/versions/3"
  }

  assert {
    condition     = output.gcp_role == { role = "roles/secretmanager.secretAccessor", secret = "projects/shop-prod/secrets/join" } && output.aws_policy == null
    error_message = "The role must be for one secret."
  }
}

run "a_machine_of_azure_may_read_one_secret" {
  command = plan

  variables {
    cloud  = "azure"
    secret = "https://shop.vault.azure.net/secrets/join"
  }

  assert {
    condition     = output.azure_role == { role = "Key Vault Secrets User", secret = "join" } && output.aws_policy == null
    error_message = "The role must be for one secret."
  }
}

run "the_longest_script_fits_into_user_data" {
  command = plan

  variables {
    labels = { for number in range(40) : "a-rather-long-name-of-a-label-number-${number}" => "with-a-value-that-is-no-shorter-than-its-name" }
  }

  assert {
    condition     = length(output.user_data) <= 16384
    error_message = "EC2 takes at most 16 KiB."
  }
}

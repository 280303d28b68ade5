# Inputs that are refused before anything is made, among them every way to hand over the secret itself: `terraform test`.

variables {
  cloud        = "aws"
  orchestrator = "swarm"
  manager      = "10.0.0.10:2377"
  secret       = "arn:aws:ssm:eu-central-1:123456789012:parameter/shop/join"
}

run "a_cloud_of_another_name" {
  command = plan

  variables {
    cloud     = "hetzner"
    node_name = "host"
  }

  expect_failures = [var.cloud]
}

run "an_orchestrator_of_another_name" {
  command = plan

  variables {
    orchestrator = "nomad"
  }

  expect_failures = [var.orchestrator]
}

run "ecs_elsewhere" {
  command = plan

  variables {
    cloud        = "gcp"
    orchestrator = "ecs"
    manager      = "shop"
    secret       = null
  }

  expect_failures = [var.orchestrator]
}

run "no_manager" {
  command = plan

  variables {
    manager = null
  }

  expect_failures = [var.manager]
}

run "a_manager_without_a_port" {
  command = plan

  variables {
    manager = "10.0.0.10"
  }

  expect_failures = [var.manager]
}

run "a_token_for_a_manager" {
  command = plan

  variables {
    manager = "SWMTKN-1-49nj1cmql0jkz5s954yi3oex3nedyz0fb0xx14ie39trti4wxv-8vxv8rssmk743ojnwacrr2e7c"
  }

  expect_failures = [var.manager]
}

run "an_address_for_the_name_of_a_cluster_of_ecs" {
  command = plan

  variables {
    orchestrator = "ecs"
    secret       = null
  }

  expect_failures = [var.manager]
}

run "no_secret" {
  command = plan

  variables {
    secret = null
  }

  expect_failures = [var.secret]
}

run "a_secret_that_ecs_needs_not" {
  command = plan

  variables {
    orchestrator = "ecs"
    manager      = "shop"
  }

  expect_failures = [var.secret]
}

run "a_token_for_where_it_is" {
  command = plan

  variables {
    secret = "SWMTKN-1-49nj1cmql0jkz5s954yi3oex3nedyz0fb0xx14ie39trti4wxv-8vxv8rssmk743ojnwacrr2e7c"
  }

  expect_failures = [var.secret]
}

run "a_token_of_kubeadm_for_where_it_is" {
  command = plan

  variables {
    secret = "abcdef.0123456789abcdef"
    cloud  = "gcp"
  }

  expect_failures = [var.secret]
}

run "a_parameter_that_could_be_two" {
  command = plan

  variables {
    secret = "arn:aws:ssm:eu-central-1:123456789012:parameter/join"
  }

  expect_failures = [var.secret]
}

run "a_secret_of_another_cloud" {
  command = plan

  variables {
    cloud = "gcp"
  }

  expect_failures = [var.secret]
}

run "a_vault_without_a_secret" {
  command = plan

  variables {
    cloud  = "azure"
    secret = "https://shop.vault.azure.net"
  }

  expect_failures = [var.secret]
}

run "secrets_in_the_clear" {
  command = plan

  variables {
    secret_endpoint = "http://ssm.internal"
  }

  expect_failures = [var.secret_endpoint]
}

run "every_key" {
  command = plan

  variables {
    kms_key_arn = "arn:aws:kms:eu-central-1:123456789012:key/*"
  }

  expect_failures = [var.kms_key_arn]
}

run "an_identity_by_its_name" {
  command = plan

  variables {
    identity_client_id = "nodes"
  }

  expect_failures = [var.identity_client_id]
}

run "a_node_called_as_at_another_cloud" {
  command = plan

  variables {
    node_name = "lower"
  }

  expect_failures = [var.node_name]
}

run "capitals_at_kubernetes" {
  command = plan

  variables {
    cloud        = "azure"
    orchestrator = "kubernetes"
    secret       = "https://shop.vault.azure.net/secrets/join"
    ca_cert_hash = "sha256:${join("", [for _ in range(64) : "0"])}"
  }

  expect_failures = [var.node_name]
}

run "a_label_with_a_quote" {
  command = plan

  variables {
    labels = { tier = "it's" }
  }

  expect_failures = [var.labels]
}

run "a_label_that_is_a_token" {
  command = plan

  variables {
    labels = { join = "abcdef.0123456789abcdef" }
  }

  expect_failures = [var.labels]
}

run "a_label_that_a_kubelet_may_not_give" {
  command = plan

  variables {
    orchestrator = "kubernetes"
    labels       = { "node-role.kubernetes.io/batch" = "" }
    ca_cert_hash = "sha256:${join("", [for _ in range(64) : "0"])}"
  }

  expect_failures = [var.labels]
}

run "a_taint_of_no_effect" {
  command = plan

  variables {
    orchestrator = "kubernetes"
    taints       = [{ key = "for", value = "batch", effect = "NoSchedule" }]
    ca_cert_hash = "sha256:${join("", [for _ in range(64) : "0"])}"
  }

  expect_failures = [var.taints]
}

run "taints_at_swarm" {
  command = plan

  variables {
    taints = [{ key = "for", value = "batch" }]
  }

  expect_failures = [var.taints]
}

run "whoever_answers" {
  command = plan

  variables {
    orchestrator = "kubernetes"
  }

  expect_failures = [var.ca_cert_hash]
}

run "a_private_key" {
  command = plan

  variables {
    orchestrator   = "docker"
    secret         = null
    ssh_public_key = "-----BEGIN OPENSSH PRIVATE KEY-----"
  }

  expect_failures = [var.ssh_public_key]
}

run "no_patience" {
  command = plan

  variables {
    patience_s = 1
  }

  expect_failures = [var.patience_s]
}

run "a_hook_of_a_group_with_a_quote" {
  command = plan

  variables {
    launch_hook = { group = "it's" }
  }

  expect_failures = [var.launch_hook]
}

run "a_hook_elsewhere" {
  command = plan

  variables {
    cloud       = "gcp"
    secret      = "projects/shop-prod/secrets/join"
    launch_hook = { group = "shop-general" }
  }

  expect_failures = [var.launch_hook]
}

run "every_partition" {
  command = plan

  variables {
    partition = "*"
  }

  expect_failures = [var.partition]
}

run "standing_by_elsewhere" {
  command = plan

  variables {
    cloud   = "gcp"
    secret  = "projects/shop-prod/secrets/join"
    standby = true
  }

  expect_failures = [var.standby]
}

run "notices_by_a_mere_name" {
  command = plan

  variables {
    cloud   = "gcp"
    secret  = "projects/shop-prod/secrets/join"
    notices = "shop-notices"
  }

  expect_failures = [var.notices]
}

run "notices_at_aws" {
  command = plan

  variables {
    notices = "projects/shop-prod/topics/shop-notices"
  }

  expect_failures = [var.notices]
}

run "notices_with_a_signature" {
  command = plan

  variables {
    cloud   = "azure"
    secret  = "https://shop.vault.azure.net/secrets/join"
    notices = "https://shopnotices.queue.core.windows.net/shop-notices?sig=made-up"
  }

  expect_failures = [var.notices]
}

# What a queue of notices is made of, without Azure: `terraform test`.

mock_provider "azurerm" {
  override_during = plan
}

variables {
  cluster            = "shop"
  storage_account_id = "/subscriptions/1f3fa6d2-851c-4a91-9087-1a050f3a9c38/resourceGroups/shop/providers/Microsoft.Storage/storageAccounts/shopnotices"
  senders            = ["0a1b2c3d-0000-4000-8000-000000000003"]
}

run "only_machines_may_send_and_they_read_nothing" {
  command = plan

  assert {
    condition     = { for one in azurerm_role_assignment.this : one.principal_id => one.role_definition_name } == { "0a1b2c3d-0000-4000-8000-000000000003" = "Storage Queue Data Message Sender" }
    error_message = "The machines' identity may send, and nobody else may anything."
  }
  assert {
    condition     = alltrue([for one in azurerm_role_assignment.this : one.scope == "${var.storage_account_id}/queueServices/default/queues/shop-notices-azure"])
    error_message = "It must be bound to this queue, and not to the account."
  }
}

run "the_policy_file_names_the_queue" {
  command = plan

  assert {
    condition     = output.policy == file("tests/notices.yaml")
    error_message = "The policy file is not as in tests/notices.yaml: ${output.policy}"
  }
}

run "a_cluster_without_a_name" {
  command = plan

  variables {
    cluster = ""
  }

  expect_failures = [var.cluster]
}

run "an_account_by_name" {
  command = plan

  variables {
    storage_account_id = "shopnotices"
  }

  expect_failures = [var.storage_account_id]
}

run "a_queue_by_capitals" {
  command = plan

  variables {
    name = "Azure"
  }

  expect_failures = [var.name]
}

run "nobody_sends" {
  command = plan

  variables {
    senders = []
  }

  expect_failures = [var.senders]
}

run "an_address_for_a_suffix" {
  command = plan

  variables {
    endpoint_suffix = "https://core.windows.net"
  }

  expect_failures = [var.endpoint_suffix]
}

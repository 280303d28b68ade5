locals {
  full_name = "${var.cluster}-notices-${var.name}"

  # By the account's address, which other clouds (China, US Government) end in another way.
  id  = "${var.storage_account_id}/queueServices/default/queues/${azurerm_storage_queue.this.name}"
  url = "https://${split("/", var.storage_account_id)[8]}.queue.${var.endpoint_suffix}/${local.full_name}"
}

resource "azurerm_storage_queue" "this" {
  name               = local.full_name
  storage_account_id = var.storage_account_id
}

# The machines' own identities may say that Azure takes them, and read nothing.
resource "azurerm_role_assignment" "this" {
  # By number: an identity that is made in the same apply has no id yet.
  for_each = { for number, one in var.senders : number => one }

  scope                = local.id
  role_definition_name = "Storage Queue Data Message Sender"
  principal_id         = each.value
}

locals {
  subscription = "/subscriptions/${var.subscription_id}"

  # Which call needs what: the roles are nothing but this table.
  rows = csvdecode(file("${path.module}/permissions.csv"))

  # What the rows are about: a role for each kind of object, bound to just those.
  scopes = {
    sets         = var.scale_set_ids
    groups       = var.flexible_group_ids
    networks     = var.network_ids
    balancers    = var.load_balancer_ids
    gateways     = var.application_gateway_ids
    parts        = var.application_gateway_part_ids
    standbys     = var.standby_pool_ids
    identities   = var.identity_ids
    queues       = var.notice_queue_ids
    subscription = [local.subscription]
  }
  # Whoever acts looks first.
  holders = {
    observer = concat(var.observers, var.actors)
    actor    = var.actors
  }
  roles = merge([
    for role in keys(local.holders) : {
      for on in distinct([for row in local.rows : row.on if row.role == role]) : "${role}-${on}" => {
        role    = role
        on      = on
        actions = sort(distinct([for row in local.rows : row.permission if row.role == role && row.on == on]))
      } if length(local.scopes[on]) > 0
    }
  ]...)
  bindings = merge(flatten([
    for name, one in local.roles : [
      for scope in range(length(local.scopes[one.on])) : {
        for holder in range(length(local.holders[one.role])) : "${name}-${scope}-${holder}" => {
          role   = name
          scope  = local.scopes[one.on][scope]
          holder = local.holders[one.role][holder]
        }
      }
    ]
  ])...)
}

resource "azurerm_role_definition" "this" {
  for_each = local.roles

  name              = "${var.cluster}-poolkeeper-${each.key}"
  description       = each.value.role == "observer" ? "Sees pools of ${var.cluster}, and changes nothing" : "Grows and shrinks pools of ${var.cluster}, and changes who is in rotation"
  scope             = local.subscription
  assignable_scopes = [local.subscription]

  # What is in a queue is data, for which Azure has permissions of another kind.
  permissions {
    actions      = [for one in each.value.actions : one if !strcontains(one, "/queues/messages/")]
    data_actions = [for one in each.value.actions : one if strcontains(one, "/queues/messages/")]
  }
}

resource "azurerm_role_assignment" "this" {
  for_each = local.bindings

  scope              = each.value.scope
  role_definition_id = azurerm_role_definition.this[each.value.role].role_definition_resource_id
  principal_id       = each.value.holder
}

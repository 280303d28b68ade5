locals {
  # Which call needs what: the roles are nothing but this table.
  rows = csvdecode(file("${path.module}/permissions.csv"))

  # What the rows are about: the project, or single subscriptions of it, with a role of their own where there are any.
  roles = merge([
    for role in ["observer", "actor"] : {
      for on in concat(["project"], length(var.notice_subscriptions) > 0 ? ["subscriptions"] : []) : on == "project" ? role : "${role}-${on}" => {
        role    = role
        on      = on
        actions = sort(distinct([for row in local.rows : row.permission if row.role == role && row.on == on]))
      }
    }
  ]...)

  says = {
    observer               = "Sees pools, and changes nothing"
    actor                  = "Grows and shrinks pools, and nothing else"
    observer-subscriptions = "Sees a queue of notices, and takes none"
    actor-subscriptions    = "Takes notices out of their queue"
  }

  # Whoever acts looks first.
  holders = {
    observer = distinct(concat(var.observers, var.actors))
    actor    = var.actors
  }
  bindings = merge([
    for role, holders in local.holders : { for holder in holders : "${role} ${holder}" => { role = role, holder = holder } }
  ]...)
  of_subscriptions = merge(flatten([
    for name in var.notice_subscriptions : [for key, one in local.bindings : { "${key} ${name}" = merge(one, { name = split("/", name)[3] }) }]
  ])...)
}

resource "google_project_iam_custom_role" "this" {
  for_each = local.roles

  project     = var.project
  role_id     = "poolkeeper_${replace("${var.cluster}_${each.key}", "-", "_")}"
  title       = "poolkeeper ${each.key} of ${var.cluster}"
  description = local.says[each.key]
  permissions = each.value.actions
}

resource "google_project_iam_member" "this" {
  for_each = local.bindings

  project = var.project
  role    = google_project_iam_custom_role.this[each.value.role].name
  member  = each.value.holder
}

resource "google_pubsub_subscription_iam_member" "this" {
  for_each = local.of_subscriptions

  project      = var.project
  subscription = each.value.name
  role         = google_project_iam_custom_role.this["${each.value.role}-subscriptions"].name
  member       = each.value.holder
}

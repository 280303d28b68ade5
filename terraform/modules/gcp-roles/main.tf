locals {
  # Which call needs what: the roles are nothing but this table.
  rows    = csvdecode(file("${path.module}/permissions.csv"))
  actions = { for role in ["observer", "actor"] : role => sort(distinct([for row in local.rows : row.permission if row.role == role])) }

  # Whoever acts looks first.
  holders = {
    observer = distinct(concat(var.observers, var.actors))
    actor    = var.actors
  }
  bindings = merge([
    for role, holders in local.holders : { for holder in holders : "${role} ${holder}" => { role = role, holder = holder } }
  ]...)
}

resource "google_project_iam_custom_role" "this" {
  for_each = local.actions

  project     = var.project
  role_id     = "poolkeeper_${replace(var.cluster, "-", "_")}_${each.key}"
  title       = "poolkeeper ${each.key} of ${var.cluster}"
  description = each.key == "observer" ? "Sees pools, and changes nothing" : "Grows and shrinks pools, and nothing else"
  permissions = each.value
}

resource "google_project_iam_member" "this" {
  for_each = local.bindings

  project = var.project
  role    = google_project_iam_custom_role.this[each.value.role].name
  member  = each.value.holder
}

# What the roles may, without Google: `terraform test`. They are the file beside this one, which the project's tests hold to what is really called.

mock_provider "google" {
  override_during = plan

  mock_resource "google_project_iam_custom_role" {
    defaults = { name = "projects/shop-prod/roles/poolkeeper" }
  }
}

variables {
  cluster   = "shop"
  project   = "shop-prod"
  observers = ["user:somebody@example.org"]
  actors    = ["serviceAccount:poolkeeper@shop-prod.iam.gserviceaccount.com"]
}

run "each_role_may_what_is_written_down" {
  command = plan

  assert {
    condition     = jsonencode({ for role, one in google_project_iam_custom_role.this : role => sort(one.permissions) }) == jsonencode(jsondecode(file("tests/roles.json")))
    error_message = "The roles are not as in tests/roles.json: ${jsonencode({ for role, one in google_project_iam_custom_role.this : role => sort(one.permissions) })}"
  }
}

run "only_actors_act_and_they_look_as_well" {
  command = plan

  assert {
    condition     = toset([for name, one in google_project_iam_member.this : one.member if startswith(name, "actor ")]) == toset(var.actors)
    error_message = "Nobody else may act."
  }
  assert {
    condition     = toset([for name, one in google_project_iam_member.this : one.member if startswith(name, "observer ")]) == toset(concat(var.observers, var.actors))
    error_message = "All of them must see."
  }
}

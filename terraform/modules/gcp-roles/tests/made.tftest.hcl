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

  notice_subscriptions = ["projects/shop-prod/subscriptions/shop-notices-gcp"]
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

run "notices_are_taken_by_actors_out_of_one_subscription" {
  command = plan

  assert {
    condition = { for key, one in google_pubsub_subscription_iam_member.this : "${split(" ", key)[0]} ${one.member}" => one.subscription } == {
      "observer user:somebody@example.org"                                   = "shop-notices-gcp"
      "observer serviceAccount:poolkeeper@shop-prod.iam.gserviceaccount.com" = "shop-notices-gcp"
      "actor serviceAccount:poolkeeper@shop-prod.iam.gserviceaccount.com"    = "shop-notices-gcp"
    }
    error_message = "Actors take, and all see, and of this subscription alone."
  }
}

run "without_notices_there_are_two_roles" {
  command = plan

  variables {
    notice_subscriptions = []
  }

  assert {
    condition     = toset(keys(google_project_iam_custom_role.this)) == toset(["actor", "observer"]) && length(google_pubsub_subscription_iam_member.this) == 0
    error_message = "What is not there needs no role."
  }
}

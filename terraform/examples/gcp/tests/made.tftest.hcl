# The example as a whole, without Google: `terraform test`.

mock_provider "google" {
  mock_resource "google_service_account" {
    defaults = {
      name  = "projects/shop-prod/serviceAccounts/shop-node@shop-prod.iam.gserviceaccount.com"
      email = "shop-node@shop-prod.iam.gserviceaccount.com"
    }
  }
  mock_resource "google_project_iam_custom_role" {
    defaults = { name = "projects/shop-prod/roles/poolkeeper" }
  }
  mock_resource "google_compute_instance_template" {
    defaults = { self_link_unique = "projects/shop-prod/global/instanceTemplates/shop-general?uniqueId=1" }
  }
}

variables {
  project            = "shop-prod"
  poolkeeper_account = "poolkeeper@shop-prod.iam.gserviceaccount.com"
  api_server         = "10.0.0.10:6443"
  ca_cert_hash       = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
  join_secret        = "projects/shop-prod/secrets/join"
  image              = "projects/shop-prod/global/images/family/node"
  subnetwork         = "projects/shop-prod/regions/europe-west4/subnetworks/nodes"
}

run "one_apply_makes_the_policy_file" {
  command = apply

  assert {
    condition     = output.policy == file("tests/policy.yaml")
    error_message = "The policy file is not as in tests/policy.yaml: ${output.policy}"
  }
  assert {
    condition     = google_secret_manager_secret_iam_member.join.secret_id == "projects/shop-prod/secrets/join"
    error_message = "The machines' account must read one secret only."
  }
}

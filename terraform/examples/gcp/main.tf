# A cluster of Kubernetes (kubeadm) with a pool at Google Cloud, whose machines join by an account of their own, its notices, and the roles for it.

provider "google" {
  project = var.project
}

module "join" {
  source = "../../modules/join"

  cloud        = "gcp"
  orchestrator = "kubernetes"
  manager      = var.api_server
  ca_cert_hash = var.ca_cert_hash
  secret       = var.join_secret
  labels       = { tier = "general" }
  notices      = module.notices.topic
}

# Machines say here that Google takes them, which it tells nobody else beforehand.
module "notices" {
  source = "../../modules/gcp-notices"

  project    = var.project
  cluster    = var.cluster
  publishers = ["serviceAccount:${google_service_account.node.email}"]
}

resource "google_service_account" "node" {
  account_id   = "${var.cluster}-node"
  display_name = "Machines of ${var.cluster}"
}

# It may read this one secret, and nothing else of the project.
resource "google_secret_manager_secret_iam_member" "join" {
  secret_id = module.join.gcp_role.secret
  role      = module.join.gcp_role.role
  member    = "serviceAccount:${google_service_account.node.email}"
}

module "roles" {
  source = "../../modules/gcp-roles"

  project = var.project
  cluster = var.cluster
  actors  = ["serviceAccount:${var.poolkeeper_account}"]

  notice_subscriptions = [module.notices.subscription]
}

# Whoever makes machines that run as an account must be allowed to use that.
resource "google_service_account_iam_member" "used" {
  service_account_id = google_service_account.node.name
  role               = "roles/iam.serviceAccountUser"
  member             = "serviceAccount:${var.poolkeeper_account}"
}

module "general" {
  source = "../../modules/gcp-pool"

  project         = var.project
  zone            = var.zone
  cluster         = var.cluster
  name            = "general"
  min             = 2
  max             = 40
  image           = var.image
  subnetwork      = var.subnetwork
  types           = [{ name = "e2-standard-4", cpu = "4", memory = "16Gi", price = "0.1475 USD" }]
  reserve         = { cpu = "100m", memory = "512Mi" }
  labels          = { tier = "general" }
  service_account = google_service_account.node.email
  startup_script  = module.join.user_data
}

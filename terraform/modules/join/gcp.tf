# Google Cloud: a service account reads a secret of Secret Manager.

locals {
  gcp_name = var.secret == null ? null : "${var.secret}${can(regex("/versions/", var.secret)) ? "" : "/versions/latest"}"

  gcp = {
    settings = merge(
      { metadata = "http://metadata.google.internal" },
      var.secret == null ? {} : { secret_api = coalesce(var.secret_endpoint, "https://secretmanager.googleapis.com"), secret_name = local.gcp_name },
      var.notices == null ? {} : { notices_api = "https://pubsub.googleapis.com", notices = var.notices },
    )
    role = var.secret == null ? null : { role = "roles/secretmanager.secretAccessor", secret = replace(var.secret, "//versions/.*$/", "") }
  }
}

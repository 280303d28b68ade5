# Azure: a managed identity reads a secret of a Key Vault.

locals {
  azure_parts = var.cloud == "azure" && var.secret != null ? split("/", var.secret) : ["", "", "", "", ""]
  azure_vault = local.azure_parts[2]

  azure = {
    settings = merge(
      { metadata = "http://169.254.169.254", identity = var.identity_client_id },
      var.secret == null ? {} : {
        secret_api      = coalesce(var.secret_endpoint, "https://${local.azure_vault}")
        secret_name     = local.azure_parts[4]
        secret_audience = urlencode("https://${replace(local.azure_vault, "/^[^.]*\\./", "")}")
      },
      var.notices == null ? {} : { notices = var.notices },
    )
    role = var.secret == null ? null : { role = "Key Vault Secrets User", secret = local.azure_parts[4] }
  }
}

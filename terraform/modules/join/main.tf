locals {
  clouds = { aws = local.aws, gcp = local.gcp, azure = local.azure }
  cloud  = local.clouds[var.cloud]

  # As each orchestrator writes labels down.
  pairs = [for key in sort(keys(var.labels)) : "${key}=${var.labels[key]}"]
  orchestrators = {
    swarm = {
      manager       = var.manager
      engine_labels = join("", [for one in local.pairs : ", ${jsonencode(one)}"])
    }
    kubernetes = {
      manager      = var.manager
      ca_cert_hash = var.ca_cert_hash
      node_labels  = join(",", local.pairs)
      taints       = jsonencode([for one in var.taints : merge(one, { effect = local.effects[one.effect] })])
    }
    ecs = {
      manager    = var.manager
      attributes = trim(jsonencode(var.labels), "{}")
    }
    docker = {
      ssh_public_key = var.ssh_public_key
    }
  }
  effects = { no_schedule = "NoSchedule", prefer_no_schedule = "PreferNoSchedule", no_execute = "NoExecute" }

  machine  = { patience_s = var.patience_s, node_name = local.node_name, console = "/dev/console", etc = "/etc", run = "/run", home_of = "/home" }
  settings = merge(local.machine, local.cloud.settings, local.orchestrators[var.orchestrator])

  # Nothing is filled into the scripts: they are the files that are tested, after a list of what they are to know.
  known = [for name in sort(keys(local.settings)) : "${name}='${replace(local.settings[name] == null ? "" : tostring(local.settings[name]), "'", "'\\''")}'"]
  files = var.notices == null ? ["main"] : ["notices", "watcher", "main"]
  parts = [for name in concat(["common", var.cloud, var.orchestrator], local.files) : name == "watcher" ? local.watcher : file("${path.module}/scripts/${name}.sh")]

  # A script of its own, which the other writes down.
  watched = var.notices == null ? [] : [for name in ["common", var.cloud, "watch", "watch-${var.cloud}"] : file("${path.module}/scripts/${name}.sh")]
  watcher = join("\n", concat(["watcher() {", "    cat <<'WATCHER'", "#!/bin/sh", "set -eu", ""], local.known, [""], local.watched, ["WATCHER", "}", ""]))

  named     = { aws = "dns", gcp = "name", azure = "host" }
  node_name = coalesce(var.node_name, local.named[var.cloud])
}

data "aws_caller_identity" "me" {}

data "aws_partition" "here" {}

locals {
  account = data.aws_caller_identity.me.account_id
  aws     = "arn:${data.aws_partition.here.partition}"
  tags    = merge(var.tags, { "poolkeeper:cluster" = var.cluster })

  # Which call needs what: the roles are nothing but this table.
  rows = csvdecode(file("${path.module}/permissions.csv"))

  bound = { StringEquals = { "aws:ResourceTag/poolkeeper:cluster" = var.cluster } }
  fleet = merge(local.bound, { StringLike = { "aws:ResourceTag/poolkeeper:fleet" = "*" } })
  given = { StringEquals = { "aws:RequestTag/poolkeeper:cluster" = var.cluster } }

  # What the rows are about, and under which condition.
  objects = {
    any           = { resources = ["*"], condition = null }
    groups        = { resources = ["${local.aws}:autoscaling:*:${local.account}:autoScalingGroup:*:autoScalingGroupName/*"], condition = local.bound }
    templates     = { resources = ["${local.aws}:ec2:*:${local.account}:launch-template/*"], condition = local.bound }
    target_groups = { resources = ["${local.aws}:elasticloadbalancing:*:${local.account}:targetgroup/*/*"], condition = local.bound }
    machines      = { resources = ["${local.aws}:ec2:*:${local.account}:instance/*"], condition = local.fleet }
    launched      = { resources = local.launched, condition = local.given }
    tagged        = { resources = local.tagged, condition = { StringEquals = { "ec2:CreateAction" = ["CreateFleet", "RunInstances"] } } }
    used          = { resources = local.used, condition = null }
    node_roles    = { resources = var.node_role_arns, condition = { StringLike = { "iam:PassedToService" = "ec2.*" } } }
    notices       = { resources = var.notice_queue_arns, condition = null }
    queues        = { resources = concat(var.notice_queue_arns, var.metric_queue_arns), condition = null }
    roles         = { resources = [for one in aws_iam_role.this : one.arn], condition = null }
  }
  launched = [for kind in ["instance", "network-interface", "volume"] : "${local.aws}:ec2:*:${local.account}:${kind}/*"]
  tagged   = concat(local.launched, ["${local.aws}:ec2:*:${local.account}:fleet/*"])
  used = concat(
    [for kind in ["fleet", "security-group", "spot-instances-request", "subnet"] : "${local.aws}:ec2:*:${local.account}:${kind}/*"],
    ["${local.aws}:ec2:*::image/*"],
  )

  # A policy for each role: a statement for each kind of object that there is.
  documents = {
    for role in ["observer", "actor", "caller"] : role => {
      Version = "2012-10-17"
      Statement = [
        for on in sort(distinct([for row in local.rows : row.on if row.role == role])) : merge(
          {
            Sid      = replace(title(replace(on, "_", " ")), " ", "")
            Effect   = "Allow"
            Action   = sort(distinct([for row in local.rows : row.permission if row.role == role && row.on == on]))
            Resource = local.objects[on].resources
          },
          local.objects[on].condition == null ? {} : { Condition = local.objects[on].condition },
        ) if length(local.objects[on].resources) > 0
      ]
    }
  }
}

resource "aws_iam_role" "this" {
  for_each = toset(["observer", "actor"])

  name                 = "${var.cluster}-poolkeeper-${each.key}"
  description          = each.key == "observer" ? "Sees the pools of ${var.cluster}, and changes nothing" : "Grows and shrinks the pools of ${var.cluster}, and nothing else"
  permissions_boundary = var.permissions_boundary
  max_session_duration = 3600
  tags                 = local.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [merge(
      {
        Sid       = "Trusted"
        Effect    = "Allow"
        Action    = "sts:AssumeRole"
        Principal = { AWS = var.trusted }
      },
      var.external_id == null ? {} : { Condition = { StringEquals = { "sts:ExternalId" = var.external_id } } },
    )]
  })
}

resource "aws_iam_policy" "this" {
  for_each = toset(["observer", "actor"])

  name        = "${var.cluster}-poolkeeper-${each.key}"
  description = each.key == "observer" ? "What planning asks AWS for" : "What carrying out a plan asks AWS for, beside what planning does"
  policy      = jsonencode(local.documents[each.key])
  tags        = local.tags
}

# Whoever acts looks first.
resource "aws_iam_role_policy_attachment" "this" {
  for_each = {
    observer       = { role = "observer", policy = "observer" }
    actor          = { role = "actor", policy = "actor" }
    actor_observes = { role = "actor", policy = "observer" }
  }

  role       = aws_iam_role.this[each.value.role].name
  policy_arn = aws_iam_policy.this[each.value.policy].arn
}

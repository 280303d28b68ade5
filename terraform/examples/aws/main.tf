# A cluster with two pools at AWS, one on demand and one of spot machines that may go, its notices, and the roles for all of it.

provider "aws" {
  region = var.region
}

# How a machine joins: one script for each pool, for their labels differ.
module "join" {
  source   = "../../modules/join"
  for_each = { general = {}, batch = { tier = "batch" } }

  cloud        = "aws"
  orchestrator = "swarm"
  manager      = var.manager
  secret       = var.join_secret_arn
  labels       = each.value
}

resource "aws_iam_role" "node" {
  name = "${var.cluster}-node"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ec2.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "join" {
  name = "join"
  role = aws_iam_role.node.name

  policy = module.join["general"].aws_policy
}

resource "aws_iam_instance_profile" "node" {
  name = "${var.cluster}-node"
  role = aws_iam_role.node.name
}

module "notices" {
  source = "../../modules/aws-notices"

  cluster  = var.cluster
  role_arn = module.roles.actor_role_arn
}

module "roles" {
  source = "../../modules/aws-roles"

  cluster           = var.cluster
  trusted           = [var.poolkeeper_role_arn]
  node_role_arns    = [aws_iam_role.node.arn]
  notice_queue_arns = [module.notices.queue_arn]
}

module "general" {
  source = "../../modules/aws-pool"

  cluster              = var.cluster
  name                 = "general"
  min                  = 2
  max                  = 40
  types                = [{ name = "m7g.large", cpu = "2", memory = "8Gi", price = "0.0952 USD" }]
  reserve              = { cpu = "100m", memory = "512Mi" }
  image_id             = var.image_id
  subnet_ids           = var.subnet_ids
  security_group_ids   = var.security_group_ids
  instance_profile_arn = aws_iam_instance_profile.node.arn
  user_data            = module.join["general"].user_data
  role_arn             = module.roles.actor_role_arn
}

module "batch" {
  source = "../../modules/aws-pool"

  cluster = var.cluster
  name    = "batch"
  market  = "spot"
  max     = 40
  types = [
    { name = "m7g.large", cpu = "2", memory = "8Gi", spot_price = "0.0381 USD" },
    { name = "m6g.large", cpu = "2", memory = "8Gi", spot_price = "0.0412 USD" },
  ]
  reserve              = { cpu = "100m", memory = "512Mi" }
  labels               = { "engine.labels.tier" = "batch" }
  image_id             = var.image_id
  subnet_ids           = var.subnet_ids
  security_group_ids   = var.security_group_ids
  instance_profile_arn = aws_iam_instance_profile.node.arn
  user_data            = module.join["batch"].user_data
  role_arn             = module.roles.actor_role_arn
}

# AWS: an instance profile's role reads a parameter of Systems Manager, or a secret of Secrets Manager.

locals {
  aws_arn    = var.cloud == "aws" && var.secret != null ? split(":", var.secret) : ["arn", var.partition, "", "", "", "", ""]
  aws_suffix = local.aws_arn[1] == "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com"
  aws_host   = "https://${local.aws_arn[2]}.${local.aws_arn[3]}.${local.aws_suffix}"
  aws_ssm    = local.aws_arn[2] == "ssm"

  aws = {
    settings = merge(
      {
        metadata     = "http://169.254.169.254"
        scaling_api  = ""
        launch_group = try(var.launch_hook.group, "")
        launch_hook  = try(var.launch_hook.name, "")
        standby      = var.standby ? "yes" : ""
        each_boot    = "/var/lib/cloud/scripts/per-boot"
      },
      var.secret == null ? {} : {
        secret_api      = coalesce(var.secret_endpoint, local.aws_host)
        secret_service  = local.aws_arn[2]
        secret_region   = local.aws_arn[3]
        secret_target   = local.aws_ssm ? "AmazonSSM.GetParameter" : "secretsmanager.GetSecretValue"
        secret_field    = local.aws_ssm ? "Value" : "SecretString"
        secret_question = local.aws_ssm ? jsonencode(local.aws_parameter) : jsonencode({ SecretId = var.secret })
      },
    )
    statements = concat(
      var.secret == null ? [] : [{
        Sid      = "Secret"
        Effect   = "Allow"
        Action   = [local.aws_ssm ? "ssm:GetParameter" : "secretsmanager:GetSecretValue"]
        Resource = [var.secret]
      }],
      [for key in var.kms_key_arn[*] : {
        Sid       = "Key"
        Effect    = "Allow"
        Action    = ["kms:Decrypt"]
        Resource  = [key]
        Condition = { StringEquals = { "kms:ViaService" = "${local.aws_arn[2]}.${local.aws_arn[3]}.${local.aws_suffix}" } }
      }],
      [for one in var.launch_hook[*] : {
        Sid      = "Hook"
        Effect   = "Allow"
        Action   = ["autoscaling:CompleteLifecycleAction"]
        Resource = ["arn:${local.aws_arn[1]}:autoscaling:*:*:autoScalingGroup:*:autoScalingGroupName/${one.group}"]
      }],
      [for one in local.aws_agent : merge(one, { Effect = "Allow" }) if var.orchestrator == "ecs"],
    )
  }
  aws_parameter = { Name = replace(local.aws_arn[5], "/^parameter/", ""), WithDecryption = true }

  # What the agent of ECS asks for itself, of this one cluster.
  aws_cluster = var.orchestrator == "ecs" ? var.manager : ""
  aws_agent = [
    { Sid = "Find", Action = ["ecs:DiscoverPollEndpoint"], Resource = ["*"] },
    {
      Sid      = "Register"
      Action   = [for call in ["DeregisterContainerInstance", "RegisterContainerInstance", "SubmitAttachmentStateChanges", "SubmitContainerStateChange", "SubmitTaskStateChange"] : "ecs:${call}"]
      Resource = ["arn:${local.aws_arn[1]}:ecs:*:*:cluster/${local.aws_cluster}"]
    },
    { Sid = "Listen", Action = ["ecs:Poll", "ecs:StartTelemetrySession"], Resource = ["arn:${local.aws_arn[1]}:ecs:*:*:container-instance/${local.aws_cluster}/*"] },
  ]
}

# ECS: the agent registers the machine by the machine's own role, so there is no secret. It starts once this script is over, and goes on by itself.

join() {
    mkdir -p "$etc/ecs"
    printf '%s\n' "ECS_CLUSTER=$manager" "ECS_INSTANCE_ATTRIBUTES={$attributes}" > "$etc/ecs/ecs.config"
    hostnamectl set-hostname "$node"
    systemctl enable --now --no-block ecs || fail 'the agent: this image has none'
}

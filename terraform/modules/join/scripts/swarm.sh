# Swarm: a worker. Its labels are the engine's, for only a manager may write a node's own.

engine() {
    docker info > /dev/null 2>&1 || { why='the engine does not answer'; return 1; }
}

state() {
    docker info --format '{{.Swarm.LocalNodeState}}' 2> /dev/null
}

token() {
    read_secret || return 1
    printf %s "$secret" | grep -Eqx 'SWMTKN(-[0-9a-z]+){3}' || { why='what was read is no join token of a Swarm'; return 1; }
}

member() {
    [ "$(state)" != active ] || return 0
    [ "$(state)" = inactive ] || docker swarm leave --force > /dev/null 2>&1 || true
    said=$(docker swarm join --token "$secret" "$manager" 2>&1) && return 0
    complaint "$said"
    [ "$(state)" = active ]
}

# What the image says of the engine stays. One that says labels of its own could not be told from ours at the next start.
label() {
    file=$etc/docker/daemon.json
    ! grep -qs '"labels"' "$file" || fail "the engine's labels: $file has some already"
    kept=$(cat "$file" 2> /dev/null | tr -d '\n' | sed 's/^[[:space:]]*{[[:space:]]*//')
    mkdir -p "$etc/docker"
    printf '{"labels": ["poolkeeper.zone=%s", "poolkeeper.instance=%s"%s]' "$zone" "$provider_id" "$engine_labels" > "$file.new"
    case $kept in
        '' | '}'*) echo '}' >> "$file.new" ;;
        *) printf ', %s\n' "$kept" >> "$file.new" ;;
    esac
    mv "$file.new" "$file"
}

# The engine tells its name and its labels as they were when it started.
join() {
    try 'the engine' engine
    [ "$(state)" != active ] || return 0
    grep -qs poolkeeper.instance "$etc/docker/daemon.json" || label
    hostnamectl set-hostname "$node"
    systemctl restart docker
    try 'the engine' engine
    try 'the join token' token
    try 'joining' member
}

# A plain Docker engine: whoever has the private key of this public one works it by SSH, so there is no secret here.

engine() {
    docker info > /dev/null 2>&1 || { why='the engine does not answer'; return 1; }
}

join() {
    hostnamectl set-hostname "$node"
    id poolkeeper > /dev/null 2>&1 || useradd --create-home --groups docker poolkeeper || fail 'the user poolkeeper: could not be made'
    home=$home_of/poolkeeper
    mkdir -p "$home/.ssh"
    printf '%s\n' "$ssh_public_key" > "$home/.ssh/authorized_keys"
    chown -R poolkeeper "$home/.ssh"
    try 'the engine' engine
}

# Kubernetes: a worker, by kubeadm. The kubelet gives its labels and the taints of its pool itself; nobody would have to take one away.

token() {
    read_secret || return 1
    printf %s "$secret" | grep -Eqx '[a-z0-9]{6}\.[a-z0-9]{16}' || { why='what was read is no bootstrap token of kubeadm'; return 1; }
}

configure() {
    cat > "$run/poolkeeper-join.yaml" <<END
apiVersion: kubeadm.k8s.io/v1beta4
kind: JoinConfiguration
discovery:
  bootstrapToken:
    token: $secret
    apiServerEndpoint: $manager
    caCertHashes: [$ca_cert_hash]
nodeRegistration:
  name: $node
  taints: $taints
  kubeletExtraArgs:
    - {name: provider-id, value: "$provider_id"}
    - {name: node-labels, value: "${zone:+topology.kubernetes.io/zone=$zone}${node_labels:+${zone:+,}$node_labels}"}
END
}

member() {
    said=$(kubeadm join --config "$run/poolkeeper-join.yaml" 2>&1) && return 0
    complaint "$said"
    kubeadm reset --force > /dev/null 2>&1 || true
    return 1
}

join() {
    [ ! -e "$etc/kubernetes/kubelet.conf" ] || return 0
    hostnamectl set-hostname "$node"
    try 'the bootstrap token' token
    trap 'rm -f "$run/poolkeeper-join.yaml"' EXIT
    configure
    try 'joining' member
}

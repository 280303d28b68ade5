# What the cloud tells this machine alone is told to the cluster by a watcher, which goes on when this script has ended.

heed() {
    mkdir -p "$etc/poolkeeper" "$etc/systemd/system" && watcher > "$etc/poolkeeper/notices.sh" || return 1
    cat > "$etc/systemd/system/poolkeeper-notices.service" <<UNIT || return 1
[Unit]
Description=Tells poolkeeper that this machine is about to be taken
Wants=network-online.target
After=network-online.target

[Service]
ExecStart=/bin/sh $etc/poolkeeper/notices.sh
Restart=always
RestartSec=5

[Install]
WantedBy=multi-user.target
UNIT
    systemctl daemon-reload && systemctl enable poolkeeper-notices && systemctl restart --no-block poolkeeper-notices
}

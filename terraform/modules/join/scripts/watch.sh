# The watcher: what every cloud shares. A message is ours, of version 1, and names this very machine.

part=notices

# SECONDS since 1970, as GNU's date and busybox's write them.
stamp() {
    date -u -d "@$1" +%Y-%m-%dT%H:%M:%SZ
}

# KIND FROM END, in seconds since 1970.
message() {
    printf '{"poolkeeper":1,"cloud":"%s","scope":"%s","instance":"%s","incarnation":"%s","kind":"%s","at":"%s","ends":"%s"}' \
        "$cloud" "$scope" "$instance" "$incarnation" "$1" "$(stamp "$2")" "$(stamp "$3")"
}

# KIND END: each second anew until then, for there may be thirty.
tell() {
    text=$(message "$1" "$(date +%s)" "$2") refused=''
    say "$1: this machine ends at $(stamp "$2")"
    until why='gave no reason'; send; do
        [ "$(date +%s)" -lt "$2" ] || { say "FAILED: nobody was told: $why"; return 1; }
        [ "$why" = "$refused" ] || say "not told yet: $why"
        refused=$why
        sleep 1
    done
}

# Google Cloud: two values of the metadata server, each waited for by a long poll, and a topic of Pub/Sub.

identify() {
    learn && scope=$answer instance=$node && metadata instance/id && incarnation=$answer
}

send() {
    metadata instance/service-accounts/default/token || return 1
    bearer=$(string access_token)
    body="{\"messages\":[{\"data\":\"$(printf %s "$text" | base64 | tr -d '\n')\"}]}"
    ask POST "$notices_api/v1/$notices:publish" 'Content-Type: application/json' "Authorization: Bearer $bearer"
    sent=$?
    body=''
    return "$sent"
}

# NAME: its value at once where it is another than it was, else within a minute.
changed() {
    reply=$(curl --silent --max-time 75 --noproxy "$metadata_hosts" --include --header 'Metadata-Flavor: Google' \
        "$metadata/computeMetadata/v1/instance/$1?wait_for_change=true&timeout_sec=60&last_etag=$etag" | tr -d '\r') || return 1
    case $reply in 'HTTP/1.'?' 200'*) ;; *) return 1 ;; esac
    etag=$(printf %s "$reply" | sed -n 's/^[Ee][Tt][Aa][Gg]: *//p')
    [ -n "$etag" ] || { etag=0; sleep 1; }
    value=$(printf %s "$reply" | tail -n 1)
}

# NAME VALUE KIND SECONDS: while it is that, the machine has so long. Told once, until it is something else.
follow() {
    etag=0 told=''
    while :; do
        changed "$1" || { sleep 1; continue; }
        [ "$value" = "$2" ] || { told=''; continue; }
        [ -n "$told" ] || { tell "$3" $(($(date +%s) + $4)) && told=yes; } || true
    done
}

cloud=gcp
try 'the metadata of this machine' identify
follow preempted TRUE preempted 30 &
follow maintenance-event TERMINATE_ON_HOST_MAINTENANCE maintenance 60 &
wait

# Azure: scheduled events, which tell of every machine of a set, asked for each second as Azure wants it, and a storage queue.

identify() {
    learn && instance=${answer##*/} scope=${answer#/subscriptions/} && scope=${scope%%/*} &&
        metadata name && vm=$answer && metadata vmId && incarnation=$answer
}

send() {
    sign_in https%3A%2F%2Fstorage.azure.com%2F || return 1
    bearer=$(string access_token)
    body="<QueueMessage><MessageText>$(printf %s "$text" | base64 | tr -d '\n')</MessageText></QueueMessage>"
    ask POST "$notices/messages?messagettl=3600" 'Content-Type: application/xml' 'x-ms-version: 2021-12-02' \
        "x-ms-date: $(LC_ALL=C date -u '+%a, %d %b %Y %H:%M:%S GMT')" "Authorization: Bearer $bearer"
    sent=$?
    body=''
    return "$sent"
}

# None is approved: that would only hasten it.
events() {
    ask GET "$metadata/metadata/scheduledevents?api-version=2020-07-01" 'Metadata: true'
}

# One event of Azure's, without braces: told once if it is about this machine and ends it. A Freeze is a pause of seconds.
heard() {
    answer=$1 event=$(string EventId) kind=$(string EventType)
    case " $told " in *" $event "*) return 0 ;; esac
    case $kind in Preempt | Terminate | Reboot | Redeploy) ;; *) return 0 ;; esac
    printf %s "$answer" | grep -qiF "\"$vm\"" || return 0
    end=$(date +%s) before=$(string NotBefore)
    # One that has begun has no time any more; and busybox's date does not read what Azure writes.
    [ -z "$before" ] || end=$(date -u -d "$before" +%s 2> /dev/null) || end=$(($(date +%s) + 30))
    tell "$kind" "$end" && told="$told $event"
}

cloud=azure told=''
try 'the metadata of this machine' identify
while :; do
    if events; then
        known=$answer
        while IFS= read -r line; do
            case $line in *'"EventId"'*) heard "$line" || true ;; esac
        done <<EVENTS
$(printf %s "$known" | tr -d '\n' | tr '{' '\n')
EVENTS
    fi
    sleep 1
done

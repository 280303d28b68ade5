# What every cloud and orchestrator shares. Nothing here prints what was read as a secret.

say() {
    echo "poolkeeper-$part: $*" >&2
    { echo "poolkeeper-$part: $*" > "$console"; } 2>/dev/null || true
}

fail() {
    say "FAILED: $*"
    exit 1
}

# WHAT COMMAND...: until it succeeds, after 2 s, 4 s, 8 s and so on. `why` is its last word.
try() {
    what=$1 wait=2 waited=0 told=''
    shift
    until why='gave no reason'; "$@"; do
        [ "$waited" -lt "$patience_s" ] || fail "$what: $why"
        [ "$why" = "$told" ] || say "$what: $why; trying again for ${patience_s} s"
        told=$why
        sleep "$wait"
        waited=$((waited + wait))
        wait=$((wait < 32 ? wait * 2 : 60))
    done
}

# METHOD URL [HEADER...]: what is told in `answer`. Headers go by standard input, for every process may see arguments.
ask() {
    method=$1 url=$2 status=''
    shift 2
    answer=$(
        for header in "$@"; do printf 'header = "%s"\n' "$header"; done |
            curl --silent --max-time 10 --noproxy "$metadata_hosts" --request "$method" ${body:+--data} ${body:+"$body"} --write-out '\n%{http_code}' --config - "$url"
    ) || { why="no answer from ${url%%\?*}"; return 1; }
    status=$(printf %s "$answer" | tail -n 1)
    answer=$(printf %s "$answer" | sed '$d')
    case $status in 200 | 201) return 0 ;; esac
    why="HTTP $status $(problem) from ${url%%\?*}"
    return 1
}

# NAME: the string of that name in an answer in JSON. One with escapes is none of ours.
string() {
    printf %s "$answer" | tr -d '\n' | sed -n 's/.*"'"$1"'" *: *"\([^"\\]*\)".*/\1/p'
}

# The last line of a program's complaint, without the secret if it repeats that.
complaint() {
    why=$(printf %s "$1" | tail -n 1)
    why=${why%%"$secret"*}
}

# What a cloud calls it that went wrong.
problem() {
    for name in __type status code; do string "$name"; done | tail -n 1
}

# A cloud that waits for word of the machine has another.
ready() {
    return 0
}

# One that is to tell when its cloud takes it has another.
heed() {
    return 0
}

umask 077
part=join body='' secret='' metadata_hosts=169.254.169.254,metadata.google.internal

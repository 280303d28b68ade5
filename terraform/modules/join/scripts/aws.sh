# AWS: requests are signed by the machine's own role, with curl and openssl alone.

metadata() {
    ask GET "$metadata/latest/meta-data/$1" "X-aws-ec2-metadata-token: $session"
}

session() {
    ask PUT "$metadata/latest/api/token" 'X-aws-ec2-metadata-token-ttl-seconds: 300' && session=$answer
}

learn() {
    session && metadata instance-id && instance=$answer && metadata placement/availability-zone && zone=$answer &&
        metadata local-hostname && dns=$answer || return 1
    provider_id=aws:///$zone/$instance
    case $node_name in
        dns) node=$dns ;;
        host) node=${dns%%.*} ;;
        id) node=$instance ;;
    esac
    [ -z "$standby" ] || destined
}

# A machine for the warm pool joins nothing: it is stopped, and runs this again when it is started for good.
destined() {
    metadata autoscaling/target-lifecycle-state || return 1
    case $answer in
        Warmed:*) ;;
        *) return 0 ;;
    esac
    mkdir -p "$each_boot" && cp "$0" "$each_boot/poolkeeper-join" && chmod 700 "$each_boot/poolkeeper-join" || fail 'standing by: this script could not be kept'
    try 'word to the cloud' ready
    say 'stands by'
    exit 0
}

sha256() {
    printf %s "$1" | openssl dgst -sha256 -r | cut -d ' ' -f 1
}

# The key is among the arguments: who could see them here could ask the metadata service as well.
hmac() {
    printf %s "$2" | openssl dgst -sha256 -r -mac HMAC -macopt "hexkey:$1" | cut -d ' ' -f 1
}

# Signature version 4 of a question, by KEY.
sign() {
    request=$(printf '%s\n' POST / '' "content-type:$type" "host:${api#*://}" "x-amz-date:$now" "x-amz-security-token:$token" \
        ${target:+"x-amz-target:$target"} '' "$signed" "$(sha256 "$question")")
    key=$(printf %s "AWS4$1" | od -An -v -tx1 | tr -d ' \n')
    for part in "${now%T*}" "$region" "$service" aws4_request; do key=$(hmac "$key" "$part"); done
    hmac "$key" "$(printf '%s\n' AWS4-HMAC-SHA256 "$now" "$scope" "$(sha256 "$request")")"
}

# API SERVICE REGION TYPE QUESTION [TARGET]
post() {
    api=$1 service=$2 region=$3 type=$4 question=$5 target=${6-}
    session && metadata iam/security-credentials/ && metadata "iam/security-credentials/$answer" || return 1
    now=$(date -u +%Y%m%dT%H%M%SZ) token=$(string Token) id=$(string AccessKeyId)
    scope=${now%T*}/$region/$service/aws4_request
    signed="content-type;host;x-amz-date;x-amz-security-token${target:+;x-amz-target}"
    signature=$(sign "$(string SecretAccessKey)")
    body=$question
    ask POST "$api/" "Content-Type: $type" "X-Amz-Date: $now" "X-Amz-Security-Token: $token" ${target:+"X-Amz-Target: $target"} \
        "Authorization: AWS4-HMAC-SHA256 Credential=$id/$scope, SignedHeaders=$signed, Signature=$signature"
    said=$? body=''
    return $said
}

read_secret() {
    post "$secret_api" "$secret_service" "$secret_region" application/x-amz-json-1.1 "$secret_question" "$secret_target" && secret=$(string "$secret_field")
}

# Where the group holds new machines back, this one goes on. What is over already has been said before.
ready() {
    [ -n "$launch_group" ] || return 0
    session && metadata placement/region && region=$answer && metadata services/domain || return 1
    post "${scaling_api:-https://autoscaling.$region.$answer}" autoscaling "$region" application/x-www-form-urlencoded \
        "Action=CompleteLifecycleAction&Version=2011-01-01&AutoScalingGroupName=$launch_group&LifecycleHookName=$launch_hook&LifecycleActionResult=CONTINUE&InstanceId=$instance" &&
        return 0
    case $answer in
        *'No active Lifecycle Action'*) return 0 ;;
    esac
    return 1
}

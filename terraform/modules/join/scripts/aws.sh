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
}

sha256() {
    printf %s "$1" | openssl dgst -sha256 -r | cut -d ' ' -f 1
}

# The key is among the arguments: who could see them here could ask the metadata service as well.
hmac() {
    printf %s "$2" | openssl dgst -sha256 -r -mac HMAC -macopt "hexkey:$1" | cut -d ' ' -f 1
}

# Signature version 4 of the question, by KEY.
sign() {
    request=$(printf '%s\n' POST / '' 'content-type:application/x-amz-json-1.1' "host:${secret_api#*://}" "x-amz-date:$now" \
        "x-amz-security-token:$token" "x-amz-target:$secret_target" '' "$signed" "$(sha256 "$secret_question")")
    key=$(printf %s "AWS4$1" | od -An -v -tx1 | tr -d ' \n')
    for part in "${now%T*}" "$secret_region" "$secret_service" aws4_request; do key=$(hmac "$key" "$part"); done
    hmac "$key" "$(printf '%s\n' AWS4-HMAC-SHA256 "$now" "$scope" "$(sha256 "$request")")"
}

read_secret() {
    session && metadata iam/security-credentials/ && metadata "iam/security-credentials/$answer" || return 1
    now=$(date -u +%Y%m%dT%H%M%SZ) token=$(string Token) id=$(string AccessKeyId)
    scope=${now%T*}/$secret_region/$secret_service/aws4_request
    signed='content-type;host;x-amz-date;x-amz-security-token;x-amz-target'
    signature=$(sign "$(string SecretAccessKey)")
    body=$secret_question
    ask POST "$secret_api/" 'Content-Type: application/x-amz-json-1.1' "X-Amz-Date: $now" "X-Amz-Security-Token: $token" "X-Amz-Target: $secret_target" \
        "Authorization: AWS4-HMAC-SHA256 Credential=$id/$scope, SignedHeaders=$signed, Signature=$signature" && secret=$(string "$secret_field")
    said=$? body=''
    return $said
}

# Google Cloud: the machine's own service account.

metadata() {
    ask GET "$metadata/computeMetadata/v1/$1" 'Metadata-Flavor: Google'
}

learn() {
    metadata instance/name && node=$answer && metadata instance/zone && zone=${answer##*/} && metadata project/project-id || return 1
    provider_id=gce://$answer/$zone/$node
}

read_secret() {
    metadata instance/service-accounts/default/token || return 1
    ask GET "$secret_api/v1/$secret_name:access" "Authorization: Bearer $(string access_token)" && secret=$(string data | base64 -d)
}

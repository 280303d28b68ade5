# Azure: the machine's own managed identity.

metadata() {
    ask GET "$metadata/metadata/instance/compute/$1?api-version=2021-02-01&format=text" 'Metadata: true'
}

learn() {
    metadata osProfile/computerName && node=$answer && metadata location && location=$answer && metadata zone && zone=${answer:+$location-$answer} &&
        metadata resourceId || return 1
    provider_id=azure://$answer
    [ "$node_name" = host ] || node=$(printf %s "$node" | tr '[:upper:]' '[:lower:]')
}

# AUDIENCE, as it stands in a query.
sign_in() {
    ask GET "$metadata/metadata/identity/oauth2/token?api-version=2018-02-01&resource=$1${identity:+&client_id=$identity}" 'Metadata: true'
}

read_secret() {
    sign_in "$secret_audience" || return 1
    ask GET "$secret_api/secrets/$secret_name?api-version=7.4" "Authorization: Bearer $(string access_token)" && secret=$(string value)
}

# shellcheck shell=bash
# Keys, tokens and passwords in the files, with a rule of our own for keys that begin with sk-: none
# of the usual scanners knows SiliconFlow's.

scan() {
    trivy filesystem --quiet --exit-code 1 --scanners secret --secret-config "$SCANS/secrets.yaml" \
        --skip-check-update --skip-version-check --disable-telemetry . || return 1
}

# Planted values are put together here: as a whole they would be found in this very file.
plant_provider_key() {
    echo "SILICONFLOW_API_KEY=sk-$(printf 'qwertzuiop%.0s' 1 2 3 4 5)" >deploy/settings.env
    echo provider-key
}

plant_cloud_key() {
    echo "aws_access_key_id = AKIA$(printf 'Q2W3E4R5%.0s' 1 2)" >deploy/credentials
    echo aws-access-key-id
}

plant_private_key() {
    {
        echo "-----BEGIN RSA PRIVATE"" KEY-----"
        head -c 600 /dev/urandom | base64 -w 64
        echo "-----END RSA PRIVATE"" KEY-----"
    } >deploy/key.pem
    echo private-key
}

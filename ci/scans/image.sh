# shellcheck shell=bash
# The image that is built of this tree: secrets in its layers, and what its configuration promises.

scan() {
    local engine out verdict=0
    engine=$("$ROOT/ci/offline/docker-engine" oci) || return
    eval "$engine"
    PYTHON_IMAGE=$("$ROOT/deploy/images/base-image" python) || return
    export PYTHON_IMAGE
    out=$(mktemp -d) || return
    # shellcheck disable=SC2064 # this folder, whatever `out` says later
    trap "rm -rf '$out'" EXIT
    deploy/images/build --target slim --oci "$out/image.tar" --progress quiet >/dev/null || return 1
    mkdir "$out/layout" && tar -xf "$out/image.tar" -C "$out/layout"
    python "$ROOT/ci/lib/oci/promises.py" "$out/image.tar" || verdict=1
    trivy image --quiet --exit-code 1 --input "$out/layout" --scanners secret \
        --secret-config "$SCANS/secrets.yaml" --skip-version-check --disable-telemetry || verdict=1
    return "$verdict"
}

plant_key_in_a_layer() {
    echo "KEY = 'sk-$(printf 'qwertzuiop%.0s' 1 2 3 4 5)'" >sage/domain/planted.py
    echo provider-key
}

plant_root_user() {
    sed -i 's/^USER .*/USER 0/' Dockerfile
    echo 'the user is 0'
}

plant_setuid_file() {
    sed -i 's|^RUN chmod -R u=rwX.*|& \&\& chmod u+s /code/docker-entrypoint.sh|' Dockerfile
    echo 'docker-entrypoint.sh runs with the rights of its owner (setuid or setgid)'
}

plant_package_manager() {
    sed -i 's|^RUN chmod -R u=rwX|RUN mkdir -p /code/usr/bin \&\& cp /usr/bin/dpkg /code/usr/bin\n&|' \
        Dockerfile
    echo 'usr/bin/dpkg does not belong in the image'
}

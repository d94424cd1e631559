# shellcheck shell=bash
# Dockerfiles, manifests of clusters and the Helm chart, judged by trivy's own policies.

scan() { # a chart that cannot be rendered is passed over, with no more than a warning
    local said code=0
    said=$(trivy config --exit-code 1 --skip-check-update --skip-version-check --disable-telemetry \
        --helm-values deploy/helm/sage/values-prod.yaml \
        --helm-set image.repository=registry.example.org/sage \
        --ignorefile "$SCANS/misconfiguration.yaml" . 2>&1) || code=1
    [[ $said != *'Skipping chart'* ]] || code=1
    ((code == 0)) || echo "$said"
    return "$code"
}

plant_root_user() {
    sed -i 's/^USER .*/USER root/' Dockerfile
    echo DS-0002
}

plant_writable_root_in_the_chart() {
    sed -i 's/readOnlyRootFilesystem: true/readOnlyRootFilesystem: false/' \
        deploy/helm/sage/templates/_pod.tpl
    echo KSV-0014
}

plant_chart_that_is_not_scanned() {
    echo '{{ fail "planted" }}' >deploy/helm/sage/templates/planted.yaml
    echo 'Skipping chart'
}

plant_privileged_container() {
    cat >deploy/planted.yaml <<'YAML'
apiVersion: v1
kind: Pod
metadata: {name: planted}
spec:
  containers:
    - name: planted
      image: planted:latest
      securityContext: {privileged: true}
YAML
    echo KSV-0017
}

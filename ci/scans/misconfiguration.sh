# shellcheck shell=bash
# Dockerfiles and manifests of clusters, judged by trivy's own policies.

scan() {
    trivy config --quiet --exit-code 1 --skip-check-update --skip-version-check \
        --disable-telemetry . || return 1
}

plant_root_user() {
    sed -i 's/^USER .*/USER root/' Dockerfile
    echo DS-0002
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

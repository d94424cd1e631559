# shellcheck shell=bash
# Failures for ci/helm --prove. Each plant_...() puts one into the chart in the current folder and
# prints what the check must then say.

edit() { # FILE SED-SCRIPT; which must change something
    cp "$1" "$1.before"
    sed -i.sed "$2" "$1"
    ! cmp -s "$1" "$1.before" || return 1
    rm "$1.before" "$1.sed"
}

plant_wrong_selector() {
    edit templates/service.yaml 's/component: server/component: sever/'
    echo "Service/sage: its selector does not match exactly the pods that serve"
}

plant_no_probe() {
    edit templates/deployment.yaml '/readinessProbe:/,/failureThreshold/d'
    echo "Deployment/sage: sage: has no readinessProbe"
}

plant_one_probe_for_both() {
    edit templates/deployment.yaml 's/"readiness"/"liveness"/'
    echo "readinessProbe asks /health/liveness, not /health/readiness"
}

plant_probe_for_a_foreign_host() {
    edit templates/_pod.tpl 's/value: localhost/value: sage/'
    echo "startupProbe is for a host that Sage does not answer for"
}

plant_root_user() {
    edit templates/_pod.tpl 's/runAsUser: 10001/runAsUser: 0/'
    echo "Deployment/sage: runs as root"
}

plant_writable_root() {
    edit templates/_pod.tpl 's/readOnlyRootFilesystem: true/readOnlyRootFilesystem: false/'
    echo "has a writable root file system"
}

plant_secret_in_a_configmap() {
    edit templates/configmap.yaml 's/^data:/data:\n  SAGE_TOKEN: 0123456789abcdef/'
    echo "ConfigMap/sage: SAGE_TOKEN is a secret"
}

plant_password_in_the_environment() {
    edit templates/deployment.yaml \
        's|^          env:|          env:\n            - {name: SAGE_X, value: "postgresql://sage:pw@db/sage"}|'
    echo "Deployment/sage: SAGE_X is a secret in the environment"
}

plant_tag_that_moves() {
    edit templates/_names.tpl 's/\.tag | default \.root\.Chart\.AppVersion/.tag | default "latest"/'
    echo "can be another one tomorrow"
}

plant_too_little_memory() {
    edit values.yaml 's/memory: 512Mi/memory: 256Mi/'
    echo "is limited to less than twice"
}

plant_no_wait_before_the_stop() {
    edit templates/deployment.yaml '/lifecycle:/,/sleep:/d'
    echo "is told to stop before the Service has forgotten it"
}

plant_too_little_time_to_stop() {
    edit templates/deployment.yaml 's/terminationGracePeriodSeconds: .*/terminationGracePeriodSeconds: 20/'
    echo "20 s to stop do not cover"
}

plant_open_network() {
    edit templates/networkpolicy.yaml 's/policyTypes: \[Ingress, Egress\]/policyTypes: [Ingress]/'
    echo "no NetworkPolicy denies its egress"
}

plant_settings_that_are_not_there_yet() {
    edit templates/migration-job.yaml \
        's/^          env:/          envFrom: [{configMapRef: {name: sage}}]\n          env:/'
    echo "Job/sage-migrate: ConfigMap/sage is not there when it starts"
}

plant_replicas_beside_an_autoscaler() {
    edit templates/deployment.yaml 's/if not .Values.autoscaling.enabled/if true/'
    echo "every upgrade would undo what it did"
}

plant_retry_of_a_save() {
    edit templates/istio.yaml 's/retryOn: connect-failure,refused-stream$/&,reset/'
    echo "route calls repeats calls that may have saved something"
}

plant_misspelt_field() {
    edit templates/deployment.yaml 's/imagePullPolicy/imagePullPolicyy/'
    echo "Additional properties are not allowed ('imagePullPolicyy' was unexpected)"
}

plant_removed_api() {
    edit templates/poddisruptionbudget.yaml 's|policy/v1|policy/v1beta1|'
    echo "policy/v1beta1 PodDisruptionBudget is deprecated"
}

plant_unknown_api() {
    edit templates/service.yaml '1,/^kind/s|^apiVersion: v1|apiVersion: v2|'
    echo "Couldn't find schema for kind Service with api version v2"
}

plant_key_twice() {
    edit templates/deployment.yaml 's/^          args: .*/&\n          args: [mcp]/'
    echo "a key is there twice"
}

plant_misspelt_field_of_a_custom_resource() {
    edit templates/istio.yaml 's/timeout:/timeoutt:/'
    echo "'\"timeoutt\"' does not exist in type"
}

plant_wrong_value_of_a_custom_resource() {
    edit templates/servicemonitor.yaml 's/interval: .*/interval: half a minute/'
    echo "data/spec/endpoints/0/interval must match pattern"
}

plant_misspelt_field_of_the_database() {
    edit templates/database-cluster.yaml 's/imageName/image/'
    echo "Cluster/sage-db: spec: "
}

plant_job_that_no_alert_asks_for() {
    edit templates/servicemonitor.yaml 's|jobLabel: .*|jobLabel: app.kubernetes.io/managed-by|'
    echo "the rules ask for another job"
}

plant_misspelt_value() {
    edit values.yaml 's/^replicas: 2/replica: 2/'
    echo "additional properties 'replica' not allowed"
}

plant_setting_that_does_not_exist() {
    edit values-prod.yaml 's/SAGE_ENV: prod/SAGE_ENVIRONMENT: prod/'
    echo "'SAGE_ENVIRONMENT'"
}

plant_values_without_time_to_stop() {
    edit values.yaml 's/gracePeriodSeconds: 30/gracePeriodSeconds: 20/'
    echo "shutdown.gracePeriodSeconds is 20, which is less than"
}

plant_values_without_a_token() {
    edit values-prod.yaml 's/keys: .*/keys: [DATABASE_URL]/'
    echo "there is no SAGE_TOKEN"
}

plant_values_without_a_database() {
    edit values-prod.yaml 's/keys: .*/keys: [SAGE_TOKEN]/'
    echo "there is no database"
}

plant_values_with_two_databases() {
    edit values-prod.yaml 's/SAGE_ENV: prod/&\n  DB_HOST: postgres/'
    echo "there are several databases (DATABASE_URL in the Secret, settings.DB_HOST)"
}

plant_values_with_a_secret_setting() {
    edit values-prod.yaml 's/SAGE_ENV: prod/&\n  SAGE_TOKEN: 0123456789abcdef/'
    echo "'SAGE_TOKEN'"
}

plant_values_without_a_host() {
    edit values-prod.yaml 's/^host: .*//'
    echo "host is not set"
}

plant_values_without_a_gateway() {
    edit values-prod.yaml '/parentRefs:/,/name: public/d'
    echo "httpRoute.parentRefs is empty"
}

plant_values_without_metrics() {
    edit values-prod.yaml '/^metrics:/,/enabled/s/enabled: true/enabled: false/'
    echo "metrics.enabled is false"
}

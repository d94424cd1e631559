{{/* What no schema can say. Each message tells what to set. */}}
{{- define "sage.check" -}}
{{- $keys := include "sage.secretKeys" . | fromJsonArray -}}
{{- if not .Values.image.repository -}}
{{- fail "image.repository is not set: name the repository that the image was pushed to, such as ghcr.io/OWNER/sage" -}}
{{- end -}}
{{- if and .Values.secret.existing .Values.secret.values -}}
{{- fail "secret.existing and secret.values are both set: keep one of the two" -}}
{{- end -}}
{{- if not (has "SAGE_TOKEN" $keys) -}}
{{- fail "there is no SAGE_TOKEN: name a Secret that holds it in secret.existing, with its keys in secret.keys" -}}
{{- end -}}
{{- $databases := list -}}
{{- if .Values.database.cluster.enabled }}{{ $databases = append $databases "database.cluster" }}{{ end -}}
{{- if has "DATABASE_URL" $keys }}{{ $databases = append $databases "DATABASE_URL in the Secret" }}{{ end -}}
{{- if .Values.settings.DB_HOST }}{{ $databases = append $databases "settings.DB_HOST" }}{{ end -}}
{{- if not $databases -}}
{{- fail "there is no database: put DATABASE_URL into the Secret and secret.keys, or set settings.DB_HOST with DB_PASSWORD in the Secret, or database.cluster.enabled" -}}
{{- else if gt (len $databases) 1 -}}
{{- fail (printf "there are several databases (%s): keep one" (join ", " $databases)) -}}
{{- end -}}
{{- $needed := add .Values.shutdown.preStopSeconds 10 5 -}}
{{- if lt (int .Values.shutdown.gracePeriodSeconds) (int $needed) -}}
{{- fail (printf "shutdown.gracePeriodSeconds is %d, which is less than shutdown.preStopSeconds (%d), the 10 s Sage may take and 5 s more: set %d or more" (int .Values.shutdown.gracePeriodSeconds) (int .Values.shutdown.preStopSeconds) (int $needed)) -}}
{{- end -}}
{{- if and (or .Values.ingress.enabled .Values.httpRoute.enabled .Values.istio.gateways) (not .Values.host) -}}
{{- fail "host is not set: the Ingress, the HTTPRoute and the gateways of the VirtualService need it" -}}
{{- end -}}
{{- if and (or .Values.metrics.serviceMonitor.enabled .Values.metrics.rules.enabled) (not .Values.metrics.enabled) -}}
{{- fail "metrics.enabled is false: the ServiceMonitor and the PrometheusRule need it" -}}
{{- end -}}
{{- if and .Values.autoscaling.queueAge.enabled (not .Values.metrics.enabled) -}}
{{- fail "metrics.enabled is false: autoscaling.queueAge needs it" -}}
{{- end -}}
{{- if and .Values.httpRoute.enabled (not .Values.httpRoute.parentRefs) -}}
{{- fail "httpRoute.parentRefs is empty: name the Gateway" -}}
{{- end -}}
{{- if and .Values.autoscaling.enabled (gt (int .Values.autoscaling.minReplicas) (int .Values.autoscaling.maxReplicas)) -}}
{{- fail "autoscaling.minReplicas is more than autoscaling.maxReplicas" -}}
{{- end -}}
{{- end -}}

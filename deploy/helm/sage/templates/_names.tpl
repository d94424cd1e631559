{{/* Name of the release's objects: the release itself, with `sage` in it once. */}}
{{- define "sage.name" -}}
{{- if contains "sage" .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-sage" (.Release.Name | trunc 47 | trimSuffix "-") -}}
{{- end -}}
{{- end -}}

{{- define "sage.selector" -}}
app.kubernetes.io/name: sage
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "sage.labels" -}}
{{ include "sage.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "sage.serviceAccount" -}}
{{- .Values.serviceAccount.name | default (ternary (include "sage.name" .) "default" .Values.serviceAccount.create) -}}
{{- end -}}

{{/* Name of an image. `image` is where the values describe it. */}}
{{- define "sage.image" -}}
{{- if .image.digest -}}
{{ .image.repository }}@{{ .image.digest }}
{{- else -}}
{{ .image.repository }}:{{ .image.tag | default .root.Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{/* The image with the programs of PostgreSQL: a release has it beside the other, `-backup` in its tag. */}}
{{- define "sage.backupImage" -}}
{{- $image := .Values.backup.image -}}
{{- $repository := $image.repository | default .Values.image.repository -}}
{{- $tag := $image.tag | default (printf "%s-backup" (.Values.image.tag | default .Chart.AppVersion)) -}}
{{- include "sage.image" (dict "root" . "image" (dict "repository" $repository "tag" $tag "digest" $image.digest)) -}}
{{- end -}}

{{/* Name of the Secret that holds the secret variables; empty if there is none. */}}
{{- define "sage.secret" -}}
{{- if .Values.secret.existing -}}
{{ .Values.secret.existing }}
{{- else if .Values.secret.values -}}
{{ include "sage.name" . }}
{{- end -}}
{{- end -}}

{{/* Secret variables that Sage reads from there, as JSON. */}}
{{- define "sage.secretKeys" -}}
{{- if .Values.secret.existing -}}
{{ .Values.secret.keys | sortAlpha | toJson }}
{{- else -}}
{{ keys .Values.secret.values | sortAlpha | toJson }}
{{- end -}}
{{- end -}}

{{- define "sage.databaseCluster" -}}
{{ include "sage.name" . }}-db
{{- end -}}

{{/* Host names that the Service has inside the cluster. */}}
{{- define "sage.serviceHosts" -}}
{{- $name := include "sage.name" . -}}
{{- $namespace := .Release.Namespace -}}
{{ $name }},{{ $name }}.{{ $namespace }},{{ $name }}.{{ $namespace }}.svc,{{ $name }}.{{ $namespace }}.svc.{{ .Values.clusterDomain }}
{{- end -}}

{{/* Settings by name, as JSON: those of the values, and what the chart knows better. */}}
{{- define "sage.settings" -}}
{{- $settings := dict "SAGE_ENV" "prod" -}}
{{- if .Values.host -}}
{{- $_ := set $settings "SAGE_PUBLIC_URL" (printf "https://%s" .Values.host) -}}
{{- end -}}
{{- range $name, $value := .Values.settings -}}
{{- $text := toString $value -}}
{{- if kindIs "float64" $value -}}
{{- $text = ternary (printf "%.0f" $value) $text (eq (floor $value) $value) -}}
{{- end -}}
{{- $_ := set $settings $name $text -}}
{{- end -}}
{{- $hosts := list .Values.settings.SAGE_ALLOWED_HOSTS (include "sage.serviceHosts" .) | compact -}}
{{- $_ := set $settings "SAGE_ALLOWED_HOSTS" (join "," $hosts) -}}
{{ toJson $settings }}
{{- end -}}

{{/* Whether texts are sent to a provider of models. */}}
{{- define "sage.asksProvider" -}}
{{- $settings := .Values.settings -}}
{{- $chosen := list $settings.EMBEDDING_PROVIDER $settings.RERANKER_PROVIDER $settings.SUMMARY_PROVIDER -}}
{{- $keys := include "sage.secretKeys" . | fromJsonArray -}}
{{- if or (has "siliconflow" $chosen) (has "openai" $chosen) (has "SILICONFLOW_API_KEY" $keys) -}}
true
{{- end -}}
{{- end -}}

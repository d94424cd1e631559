{{/* What the pods of the server, of the migrations and of the backups have in common. */}}
{{- define "sage.podSpec" -}}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile:
    type: RuntimeDefault
{{- with .Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- end -}}

{{- define "sage.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{/* A probe. Without a Host header it is for the address of the pod, for which Sage does not answer. */}}
{{- define "sage.probe" -}}
path: /health/{{ . }}
port: http
httpHeaders:
  - {name: Host, value: localhost}
{{- end -}}

{{/* The secret variables, as NAME_FILE. */}}
{{- define "sage.secretVariables" -}}
{{- range include "sage.secretKeys" . | fromJsonArray }}
- name: {{ . }}_FILE
  value: /run/secrets/sage/{{ . }}
{{- end }}
{{- if .Values.database.cluster.enabled }}
- name: DATABASE_URL_FILE
  value: /run/secrets/sage/DATABASE_URL
{{- end }}
{{- end -}}

{{- define "sage.mounts" -}}
- name: secrets
  mountPath: /run/secrets/sage
  readOnly: true
- name: data
  mountPath: /data
- name: tmp
  mountPath: /tmp
{{- end -}}

{{/* Volumes. `secret` is the name of the Secret, which is another one for a hook. */}}
{{- define "sage.volumes" -}}
{{- $root := .root -}}
- name: secrets
  projected:
    defaultMode: 0440
    sources:
      {{- with .secret }}
      - secret:
          name: {{ . }}
          items:
            {{- range include "sage.secretKeys" $root | fromJsonArray }}
            - {key: {{ . }}, path: {{ . }}}
            {{- end }}
      {{- end }}
      {{- if $root.Values.database.cluster.enabled }}
      - secret:
          name: {{ include "sage.databaseCluster" $root }}-app
          items:
            - {key: uri, path: DATABASE_URL}
      {{- end }}
- name: data
  emptyDir: {sizeLimit: 64Mi}
- name: tmp
  emptyDir: {sizeLimit: 64Mi}
{{- end -}}

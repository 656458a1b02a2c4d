{{/* Labels of an object; called with (list $ "component"). */}}
{{- define "supamanager.labels" -}}
{{- $root := index . 0 -}}
{{ include "supamanager.selector" . }}
app.kubernetes.io/instance: {{ $root.Release.Name | quote }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: supamanager
app.kubernetes.io/managed-by: {{ $root.Release.Service | quote }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | quote }}
{{- end }}

{{/* The same with labels of the values, called with (list $ "component" labels): each is written once, and
the last dictionary has the last word. The schema refuses those that are ours. */}}
{{- define "supamanager.labelsWith" -}}
{{- $labels := include "supamanager.labels" . | fromYaml -}}
{{- range slice . 2 -}}
{{- with . -}}
{{- $labels = merge (deepCopy .) $labels -}}
{{- end -}}
{{- end -}}
{{ toYaml $labels }}
{{- end }}

{{/* Never the release's name: selectors cannot be changed, and a release may come back under another. */}}
{{- define "supamanager.selector" -}}
app.kubernetes.io/name: supamanager
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{- define "supamanager.image" -}}
{{- $root := index . 0 -}}
{{- $image := index . 1 -}}
{{- $tag := $image.tag | default $root.Chart.AppVersion -}}
{{- if $image.digest -}}
{{ printf "%s@%s" $image.repository $image.digest | quote }}
{{- else -}}
{{ printf "%s:%s" $image.repository $tag | quote }}
{{- end -}}
{{- end }}

{{/* The watched namespaces as both programs read them: separated by commas, or `*`. */}}
{{- define "supamanager.namespaces" -}}
{{- if .Values.watch.clusterWide -}}
*
{{- else -}}
{{ prepend .Values.watch.namespaces .Values.projectsNamespace.name | uniq | join "," }}
{{- end -}}
{{- end }}

{{/* Where the log router is, which projects' policies let in. */}}
{{- define "supamanager.logsNamespace" -}}
{{ .Values.logs.namespace.name | default (printf "%s-logs" .Release.Namespace) }}
{{- end }}

{{/* Names of objects that belong to no namespace. */}}
{{- define "supamanager.clusterName" -}}
{{ printf "%s-%s" (index . 1) (index . 0).Release.Namespace }}
{{- end }}

{{- define "supamanager.host" -}}
{{ (urlParse .).hostname }}
{{- end }}

{{/* The parts of a pod of ours that are the same everywhere: the profile `restricted`. */}}
{{- define "supamanager.pod" -}}
{{- $root := index . 0 -}}
{{- $values := index . 1 -}}
{{- $component := index . 2 -}}
{{- with $root.Values.imagePullSecrets }}
imagePullSecrets: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with $values.nodeSelector }}
nodeSelector: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with $values.priorityClassName }}
priorityClassName: {{ . | quote }}
{{- end }}
enableServiceLinks: false
tolerations:
- {key: node.kubernetes.io/not-ready, operator: Exists, effect: NoExecute, tolerationSeconds: 30}
- {key: node.kubernetes.io/unreachable, operator: Exists, effect: NoExecute, tolerationSeconds: 30}
{{- with $values.tolerations }}
{{ toYaml . }}
{{- end }}
topologySpreadConstraints:
- maxSkew: 1
  topologyKey: kubernetes.io/hostname
  whenUnsatisfiable: ScheduleAnyway
  labelSelector:
    matchLabels: {{ include "supamanager.selector" (list $root $component) | nindent 6 }}
{{- end }}

{{- define "supamanager.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ . }}
runAsGroup: {{ . }}
fsGroup: {{ . }}
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "supamanager.containerSecurity" -}}
allowPrivilegeEscalation: false
capabilities: {drop: [ALL]}
{{- end }}

{{/* A server goes on for these seconds after its end was asked for: Services, Ingresses and load balancers
learn of it later than the pod itself, and send it new connections meanwhile. */}}
{{- define "supamanager.lastConnections" -}}
lifecycle: {preStop: {sleep: {seconds: 5}}}
{{- end }}

{{/* The API's replicas, once an autoscaler chooses them: nothing, or what there is for as long as that is
still Helm's. A field that Helm gives up before somebody else has it becomes 1, which would end all pods
but one; and where Helm merges instead of applying on the server, it would become 1 in any case. From none
no autoscaler goes on by itself. */}}
{{- define "supamanager.replicasToKeep" -}}
{{- $live := lookup "apps/v1" "Deployment" .Release.Namespace "supa-manager" -}}
{{- if $live -}}
{{- $applied := false -}}
{{- $scaled := false -}}
{{- range $live.metadata.managedFields -}}
{{- if eq .operation "Apply" -}}
{{- $applied = true -}}
{{- end -}}
{{- if and (eq (.subresource | default "") "scale") (hasKey (index .fieldsV1 "f:spec" | default dict) "f:replicas") -}}
{{- $scaled = true -}}
{{- end -}}
{{- end -}}
{{- if not $live.spec.replicas -}}
replicas: {{ .Values.api.replicas }}
{{- else if not (and $applied $scaled) -}}
replicas: {{ $live.spec.replicas }}
{{- end -}}
{{- end -}}
{{- end }}

{{/* Settings by name; the chart's own come first, and the schema keeps them out of these. */}}
{{- define "supamanager.settings" -}}
{{- range $name, $value := . }}
- {name: {{ $name }}, value: {{ $value | toString | quote }}}
{{- end }}
{{- end }}

{{/* One account's rights; called with (list $ "account" "file"). Rules are in files/, where tests and
the local control plane read them too. */}}
{{- define "supamanager.rights" -}}
{{- $root := index . 0 -}}
{{- $account := index . 1 -}}
{{- $component := index . 2 -}}
{{- $rules := $root.Files.Get (printf "files/rbac-%s.yaml" $component) | fromYaml -}}
{{- $cluster := $rules.clusterRole -}}
{{- $namespaces := dict -}}
{{- if $root.Values.watch.clusterWide -}}
{{- $cluster = concat $cluster $rules.projectsRole -}}
{{- else -}}
{{- range splitList "," (include "supamanager.namespaces" $root) -}}
{{- $_ := set $namespaces . $rules.projectsRole -}}
{{- end -}}
{{- end -}}
{{- $own := list -}}
{{- range $rules.ownRole -}}
{{- /* Secrets are made in this namespace for one reason only. */ -}}
{{- if or $root.Values.secret.create (not (has "secrets" .resources)) -}}
{{- $own = append $own . -}}
{{- end -}}
{{- end -}}
{{- if $own -}}
{{- $_ := set $namespaces $root.Release.Namespace $own -}}
{{- end -}}
{{- $labels := include "supamanager.labels" (list $root $component) -}}
{{- if $cluster }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: {{ include "supamanager.clusterName" (list $root $account) | quote }}
  labels: {{ $labels | nindent 4 }}
rules: {{ toYaml $cluster | nindent 0 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: {{ include "supamanager.clusterName" (list $root $account) | quote }}
  labels: {{ $labels | nindent 4 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: {{ include "supamanager.clusterName" (list $root $account) | quote }}
subjects:
- {kind: ServiceAccount, name: {{ $account }}, namespace: {{ $root.Release.Namespace | quote }}}
{{- end }}
{{- range $namespace, $rules := $namespaces }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: {{ $account }}
  namespace: {{ $namespace | quote }}
  labels: {{ $labels | nindent 4 }}
rules: {{ toYaml $rules | nindent 0 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: {{ $account }}
  namespace: {{ $namespace | quote }}
  labels: {{ $labels | nindent 4 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: {{ $account }}
subjects:
- {kind: ServiceAccount, name: {{ $account }}, namespace: {{ $root.Release.Namespace | quote }}}
{{- end }}
{{- end }}

#!/usr/bin/env bash
# Installs both charts into the cluster of KUBECONFIG, opens the node's ports and runs the charts'
# tests. STUDIO_IMAGE (name:tag) is run as Studio; arguments are passed on to Helm.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
: "${KUBECONFIG:?names the cluster}"

python=${PYTHON_OF_VENV:-.venv/bin/python}
helm=$("$python" -m supamanager_dev program helm)
kubectl=$("$python" -m supamanager_dev program kubectl)
namespace=supamanager

studio=()
if [ -n "${STUDIO_IMAGE:-}" ]; then
  studio=(--set-string "studio.image.repository=${STUDIO_IMAGE%:*}"
    --set-string "studio.image.tag=${STUDIO_IMAGE##*:}")
fi

"$kubectl" apply --server-side -f - <<END
apiVersion: v1
kind: Namespace
metadata:
  name: $namespace
  labels:
    pod-security.kubernetes.io/enforce: restricted
END
"$kubectl" apply --server-side -f dev/kind/ports.yaml
"$helm" upgrade --install supamanager-crds charts/supamanager-crds --namespace "$namespace"
"$helm" upgrade --install supamanager charts/supamanager --namespace "$namespace" \
  --values dev/kind/values.yaml "${studio[@]}" --wait --timeout 10m "$@"
"$helm" test supamanager --namespace "$namespace" --timeout 5m

#!/usr/bin/env bash
# Creates the cluster of kind-config.yaml if there is none, and writes its KUBECONFIG.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
: "${KUBECONFIG:?names the file to write}"

kind=$("${PYTHON_OF_VENV:-.venv/bin/python}" -m supamanager_dev program kind)
name=$(sed -n 's/^name: //p' kind-config.yaml)

if "$kind" get clusters | grep -qxF "$name"; then
  "$kind" export kubeconfig --name "$name" --kubeconfig "$KUBECONFIG"
else
  "$kind" create cluster --config kind-config.yaml --kubeconfig "$KUBECONFIG" --wait 5m
fi
chmod 600 "$KUBECONFIG"

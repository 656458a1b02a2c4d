#!/usr/bin/env bash
# Builds the images of operator and API and loads them into the cluster's nodes, and the image that
# STUDIO_IMAGE names.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

kind=$("${PYTHON_OF_VENV:-.venv/bin/python}" -m supamanager_dev program kind)
name=$(sed -n 's/^name: //p' kind-config.yaml)
version=$(sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)

make images
"$kind" load docker-image --name "$name" \
  "supamanager-operator:$version" "supamanager-api:$version" ${STUDIO_IMAGE:+"$STUDIO_IMAGE"}

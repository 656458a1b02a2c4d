#!/usr/bin/env bash
# A kind cluster with SupaManager and one project in it, tried with real requests. Each step may be
# run again. STUDIO_IMAGE names an image of Studio to run as well.
#
# Exits with 3 where no Docker answers.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

docker info >/dev/null 2>&1 || { echo "No Docker answers here: make kind runs real containers" >&2; exit 3; }

make setup
python=${PYTHON_OF_VENV:-.venv/bin/python}
folder=${KIND_FOLDER:-$PWD/.kind}
mkdir -p "$folder"
chmod 700 "$folder"
export KUBECONFIG=$folder/kubeconfig

step() { printf '\n== %s (%s)\n' "$1" "$(date -u +%H:%M:%S)"; }

step "cluster"
dev/kind/cluster.sh
step "images"
dev/kind/images.sh "$folder/images.yaml"
step "charts"
dev/kind/install.sh --values "$folder/images.yaml"
step "project"
"$python" -m supamanager_dev.firstproject http://localhost:8080 "$folder/project.json"
step "smoke test"
"$python" -m supamanager_dev.smoke "$folder/project.json"
step "done"
cat <<END
Kubernetes:  export KUBECONFIG=$KUBECONFIG
API:         http://localhost:8080
Login:       in $folder/project.json
Delete all:  make kind-delete
END

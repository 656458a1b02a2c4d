#!/usr/bin/env bash
# images.sh FILE: builds the images of operator and API and loads them into the cluster's nodes, and
# the image that STUDIO_IMAGE names. FILE gets the chart's values that name what was built: a tag for
# each content, so that pods of other code are replaced and pods of the same are not.
set -euo pipefail
file=$(realpath "${1:?the file for the values}")
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

kind=$("${PYTHON_OF_VENV:-.venv/bin/python}" -m supamanager_dev program kind)
name=$(sed -n 's/^name: //p' kind-config.yaml)
version=$(sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)

make images
images=()
values=
for program in operator api; do
  id=$(docker image inspect --format '{{.Id}}' "supamanager-$program:$version")
  id=${id#sha256:}
  tag=$version-${id:0:12}
  docker tag "supamanager-$program:$version" "supamanager-$program:$tag"
  images+=("supamanager-$program:$tag")
  values+="$program: {image: {tag: \"$tag\"}}"$'\n'
done
"$kind" load docker-image --name "$name" "${images[@]}" ${STUDIO_IMAGE:+"$STUDIO_IMAGE"}
printf %s "$values" > "$file"

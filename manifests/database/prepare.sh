#!/bin/sh
# Makes the volumes fit the image before PostgreSQL starts. Runs as root, in the same image.
#
#   prepare.sh <the image's /etc/postgresql-custom> <its volume> <the data directory>
#
# IMAGE names the image: the image's files are copied when the volume has those of another one.
set -eu

shipped=$1
custom=$2
data=$3
key=pgsodium_root.key
origin=$custom/.copied-from

# An empty volume hides the files that postgresql.conf includes. The root key is never copied:
# without the volume's own, nothing in the Vault can be read.
if [ "$(cat "$origin" 2>/dev/null || true)" != "$IMAGE" ]; then
  for file in "$shipped"/* "$shipped"/.[!.]*; do
    if [ -e "$file" ] && [ "${file##*/}" != "$key" ]; then
      cp -a "$file" "$custom/"
    fi
  done
  printf '%s' "$IMAGE" >"$origin"
fi

# The numeric ids of the user differ between images. The folder itself comes last, so that an
# interrupted change is repeated.
owner=$(id -u postgres):$(id -g postgres)
for folder in "$custom" "$data"; do
  if [ "$(stat -c %u:%g "$folder")" != "$owner" ]; then
    find "$folder" -depth -exec chown -h "$owner" {} +
  fi
done

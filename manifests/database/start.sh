#!/bin/sh
# Starts the database through the image's entry point. Runs as root, at each start of the container.
#
#   start.sh <the data directory> <the marker> <the entry point's arguments>
#
# The image's scripts run once, on an empty data directory: after a first start that was cut short
# the server would start without the rest of them, with `postgres` still a superuser. The marker is
# there from before the directory is first used until started.sh has seen the server answer, and no
# other pod reaches it before.
set -eu

data=$1
marker=$2
shift 2

# What a first start leaves: no server has run, or only its own, which listens nowhere. Data that
# somebody brought look different, and stay.
unfinished() {
  [ -e "$marker" ] && [ ! -e "$data/backup_label" ] || return 1
  [ ! -e "$data/postmaster.opts" ] || grep -q '"listen_addresses="' "$data/postmaster.opts"
}

if unfinished && [ -n "$(ls -A "$data")" ]; then
  echo 'start: the first start was cut short and begins again' >&2
  rm -rf "${data:?}"/* "$data"/.[!.]* "$data"/..?*
fi
if [ -z "$(ls -A "$data")" ]; then
  : >"$marker"
  sync
fi
exec docker-entrypoint.sh "$@"

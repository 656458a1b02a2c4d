#!/bin/sh
# Whether the server answers; the first time that it does, the first start is over.
#
#   started.sh <the marker of start.sh>
#
# Over TCP, since the temporary server of the first start has a socket only; by address, since
# "localhost" may stand for ::1.
set -eu

pg_isready -U postgres -h 127.0.0.1
if [ -e "$1" ]; then
  rm "$1"
  sync
fi

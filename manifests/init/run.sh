#!/bin/sh
# Brings a project's database into the state that the services expect, as a superuser of it.
#
# Environment: PGHOST PGPORT PGUSER PGDATABASE PGPASSWORD as psql reads them;
# PASSWORD_VERIFIER, the SCRAM-SHA-256 verifier of the password that the services log in with;
# JWT_EXP, the life of an access token in seconds;
# INIT_WAIT_SECONDS, how long to wait for the server, 60 if unset; one that answers and lets nobody
# in is waited for at most 60 s more.
#
# Exit status: 64 the environment is wrong, 69 no server in time, else that of psql.
# No output holds a secret: psql answers tersely, and no value is ever an argument.
set -eu

refuse() {
  echo "init: $1" >&2
  exit 64
}

base64='[A-Za-z0-9+/]+={0,2}'
printf '%s' "${PASSWORD_VERIFIER:-}" |
  grep -Eq "^SCRAM-SHA-256[$][0-9]+:${base64}[$]${base64}:${base64}$" ||
  refuse 'PASSWORD_VERIFIER is not a SCRAM-SHA-256 verifier'
case "${JWT_EXP:-}" in
  '' | *[!0-9]*) refuse 'JWT_EXP is not a number of seconds' ;;
esac
wait_seconds="${INIT_WAIT_SECONDS:-60}"
case "$wait_seconds" in
  '' | *[!0-9]*) refuse 'INIT_WAIT_SECONDS is not a number of seconds' ;;
esac

PGCONNECT_TIMEOUT="${PGCONNECT_TIMEOUT:-5}"
PGAPPNAME='supamanager-init'
export PASSWORD_VERIFIER JWT_EXP PGCONNECT_TIMEOUT PGAPPNAME

deadline=$(($(date +%s) + wait_seconds))
answered=
until reason=$(psql --no-psqlrc --no-password --quiet --command 'SELECT' 2>&1 >/dev/null); do
  now=$(date +%s)
  if ! pg_isready --quiet; then
    answered=
  elif [ -z "$answered" ]; then
    answered=$now
  fi
  if [ "$now" -ge "$deadline" ] || [ "$now" -ge "$((${answered:-now} + 60))" ]; then
    echo "init: no database within $wait_seconds s: $reason" >&2
    exit 69
  fi
  sleep 1
done

# One session runs all files: it holds the lock that 000-session.sql takes.
directory=$(dirname "$0")
set --
for file in "$directory"/[0-9]*.sql; do
  set -- "$@" --file "$file"
done
exec psql --no-psqlrc --no-password --quiet --tuples-only --no-align \
  --set ON_ERROR_STOP=1 --set VERBOSITY=terse --set SHOW_CONTEXT=never "$@"

#!/bin/sh
# nginx asks DNS servers that its configuration names, and knows no search list: servers and the
# cluster's domain are taken from resolv.conf. Variables: PORT; TMPDIR and RESOLV_CONF, if they are
# not /tmp and /etc/resolv.conf.
set -eu
here=$(dirname "$0")
folder=${TMPDIR:-/tmp}
resolv=${RESOLV_CONF:-/etc/resolv.conf}
servers=$(awk '$1 == "nameserver" { printf "%s ", ($2 ~ /:.*:/ ? "[" $2 "]" : $2) }' "$resolv")
domain=$(awk '$1 == "search" { for (i = 2; i <= NF; i++) if ($i ~ /^svc\./) found = substr($i, 5) }
  END { print found }' "$resolv")
if [ -z "$servers" ] || [ -z "$domain" ]; then
  echo "$resolv names no DNS server, or no cluster's domain in its search list (svc.<domain>)" >&2
  exit 1
fi
[ -e /proc/net/if_inet6 ] && less='' || less='/listen \[::\]/d'
sed -e "$less" -e "s/@PORT@/$PORT/" -e "s/@DOMAIN@/$domain/" -e "s/@RESOLVERS@/$servers/" \
  "$here/nginx.conf" >"$folder/nginx.conf"
exec nginx -p "$folder" -c "$folder/nginx.conf" -e stderr

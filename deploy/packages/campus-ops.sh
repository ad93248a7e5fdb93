#!/bin/sh
# campus-ops: for root the hub that is installed on this machine, for everybody else one of their own (./data, ./hub.yaml).
home=/usr/lib/campus-ops-hub
user=campus-ops-hub
if [ "$(id -u)" != 0 ] && [ "$(id -un)" != "$user" ]; then exec "$home/node" "$home/deploy/cli/main.js" "$@"; fi

set -a
. "$home/environment"
[ ! -r /etc/default/campus-ops-hub ] || . /etc/default/campus-ops-hub
set +a
umask 077
if [ "$(id -u)" != 0 ]; then exec "$home/node" "$home/deploy/cli/main.js" "$@"; fi

install -d -m 0700 -o "$user" -g "$user" "$CAMPUS_OPS_DATA" "$NODE_COMPILE_CACHE"
# What is made belongs to the hub, wherever root may write: the hub has to read it.
exec setpriv --reuid "$user" --regid "$user" --init-groups --bounding-set -all,+dac_override \
  --inh-caps -all,+dac_override --ambient-caps -all,+dac_override \
  "$home/node" "$home/deploy/cli/main.js" "$@"

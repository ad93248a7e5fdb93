#!/bin/sh
# campus-ops-edge: what whoever stands at the box asks of it, as the agent would: as its user, with its files and lines.
home=/usr/lib/campus-ops-edge
user=campus-ops-edge
export CAMPUS_OPS_CONFIG="${CAMPUS_OPS_CONFIG:-/etc/campus-ops-edge/edge.yaml}"
export CAMPUS_OPS_DATA="${CAMPUS_OPS_DATA:-/var/lib/campus-ops-edge}"
export CAMPUS_OPS_RUN="${CAMPUS_OPS_RUN:-/run/campus-ops-edge}"
umask 077
case "$(id -un)" in
  "$user") exec "$home/node" "$home/cli/deploy/cli/box.js" "$@" ;;
  root) ;;
  *) echo "campus-ops-edge: run it with sudo / 请用 sudo 运行" >&2; exit 77 ;;
esac
# Serial lines are the group dialout's, as in the unit. What is made belongs to the agent, wherever root may write.
exec setpriv --reuid "$user" --regid "$user" --groups "$(id -g "$user"),$(getent group dialout | cut -d: -f3)" \
  --bounding-set -all,+dac_override --inh-caps -all,+dac_override --ambient-caps -all,+dac_override \
  "$home/node" "$home/cli/deploy/cli/box.js" "$@"

#!/usr/bin/env bash
# Runs a small Artemis cluster on this machine. Needs bash 3.2 and Node only; the work is done in scripts/cluster/.

set -u
unset CDPATH NODE_OPTIONS # neither may change what this script or the nodes do
exec </dev/null           # nothing here asks questions, and the nodes must not hold a terminal

usage() {
  cat <<'END'
Usage: ./cluster.sh COMMAND

  start [N=3] [base_port=8080]  start nodes node1 .. nodeN on 127.0.0.1, from base_port upwards (N: 1 to 20)
  stop                          stop all nodes
  restart                       restart all nodes, one after the other, with the same N and base_port
  status                        show the nodes; exit code 0 when all are ready, 3 otherwise
  logs [N]                      show the last lines of every log, or follow the log of nodeN
  clean                         stop all nodes and delete .cluster
  help                          show this text

Everything lives in .cluster/{config,logs,pids,data} beside this script. You may edit the files in
.cluster/config: an edited file is never overwritten. `start` with another N or base_port rewrites
the others and restarts the nodes that it concerns.

Environment:
  ARTEMIS_CLUSTER_TIMEOUT  seconds to wait until a node is ready (default 60)
  ARTEMIS_CLUSTER_DIR      directory that holds .cluster (default: that of this script)
  ARTEMIS_BIN              path of an artemis program to run instead of the one in this checkout
  ARTEMIS_<SECTION>_<KEY>  reaches every node, except for the keys that `start` decides (ids, addresses, peers, directories)
END
}

fail() {
  printf 'cluster.sh: %s\n' "$2" >&2
  exit "$1"
}

case "${1-help}" in
  help | -h | --help)
    usage
    exit 0
    ;;
  start | stop | restart | status | logs | clean) ;;
  *) fail 2 "unknown command '$1'. Try: ./cluster.sh help" ;;
esac

command -v node >/dev/null 2>&1 ||
  fail 1 'Node.js is not installed (no "node" in PATH). Artemis needs Node.js 20.19 or newer: https://nodejs.org'

self=$0
while [ -L "$self" ]; do # called through a link: the checkout is where the link leads
  link=$(readlink "$self")
  case "$link" in
    /*) self=$link ;;
    *) self=$(dirname -- "$self")/$link ;;
  esac
done
root=$(cd -P -- "$(dirname -- "$self")" && pwd) || exit 1

node "$root/scripts/node-version.mjs" || exit 1
exec node "$root/scripts/cluster/main.mjs" "$@"

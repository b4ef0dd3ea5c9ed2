#!/bin/sh
# An incident from begin to end. Run it as it stands with the configuration of `prodaccess init`;
# for your own, give another role and another command.
#
#   on-call.sh ROLE "REASON" COMMAND...
set -eu
role=$1
reason=$2
shift 2

prodaccess request --role "$role" --ttl 30m --reason "$reason"
trap 'prodaccess revoke "$role"' EXIT      # also when something fails: the grant ends with the incident

prodaccess policy explain -- "$@"          # what would happen, and why
prodaccess exec --role "$role" -- "$@"
prodaccess status
prodaccess audit show --role "$role" --from 1h

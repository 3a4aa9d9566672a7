#!/bin/sh
# Before a call: denies tools that delete, with a reason that the model can read. Silence lets go on.
#
#   gateway run --interceptor before:exec:$PWD/protect.sh
exec jq -c 'select(.tool | test("delete|drop|remove"))
  | {decision: "deny", reason: "\(.tool) on \(.server) changes what it should only read"}'

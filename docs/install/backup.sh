#!/bin/sh
# Deletes what is past its date, then writes one file, in /var/backups/tipline: all of the install, sealed to
# the recovery key.
set -eu
export TIPLINE_CONFIG="${TIPLINE_CONFIG:-/var/lib/tipline/config.toml}"
to=${1:-/var/backups/tipline}
/opt/tipline/venv/bin/tipline retention
exec /opt/tipline/venv/bin/tipline backup "$to/tipline-$(date +%F-%H%M%S).backup"

#!/bin/sh
# One file a day, in /var/backups/tipline: all of the install, sealed to the recovery key.
set -eu
export TIPLINE_CONFIG="${TIPLINE_CONFIG:-/var/lib/tipline/config.toml}"
to=${1:-/var/backups/tipline}
exec /opt/tipline/venv/bin/tipline backup "$to/tipline-$(date +%F-%H%M).backup"

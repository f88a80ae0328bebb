#!/bin/sh
# Two files a day, in /var/backups/tipline: the database, and what opens it.
# Keep them in two places: whoever has both has every phone number, and needs one password to read.
set -eu
umask 077
to=${1:-/var/backups/tipline}
day=$(date +%F)

if [ -e /var/lib/tipline-db/tipline.db ]; then
    # SQLite's own online copy: complete, however busy the processes are.
    sqlite3 /var/lib/tipline-db/tipline.db ".backup '$to/database-$day.db'"
else
    runuser -u postgres -- pg_dump --format custom tipline > "$to/database-$day.dump"
fi

# Without the keys that live for two hours: what they sealed is meant to be lost.
tar --create --gzip --file "$to/secrets-$day.tar.gz" --directory /var/lib/tipline \
    --exclude secrets/public/hours config.toml secrets

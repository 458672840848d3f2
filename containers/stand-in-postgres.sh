#!/bin/sh
# What the real postgres image's entrypoint does for us: make the cluster on the first start, then be the server.
set -eu
PGDATA=${PGDATA:-/var/lib/postgresql/data}
bin=$(echo /usr/lib/postgresql/*/bin)
install -d -o postgres -g postgres -m 0700 "$PGDATA"
install -d -o postgres -g postgres /var/run/postgresql
as_postgres="setpriv --reuid=postgres --regid=postgres --clear-groups"
if [ ! -s "$PGDATA/PG_VERSION" ]; then
    printf '%s' "$POSTGRES_PASSWORD" >/tmp/password
    chmod 0644 /tmp/password
    # shellcheck disable=SC2086 # a command with its options
    $as_postgres "$bin/initdb" -D "$PGDATA" -U "$POSTGRES_USER" --pwfile=/tmp/password -E UTF8 --locale=C.UTF-8 --auth-local=trust --auth-host=scram-sha-256
    rm /tmp/password
    echo "host all all all scram-sha-256" >>"$PGDATA/pg_hba.conf"
    # shellcheck disable=SC2086
    echo "CREATE DATABASE $POSTGRES_DB" | $as_postgres "$bin/postgres" --single -D "$PGDATA" postgres
fi
shift
# shellcheck disable=SC2086
exec $as_postgres "$bin/postgres" -D "$PGDATA" -c listen_addresses='*' "$@"

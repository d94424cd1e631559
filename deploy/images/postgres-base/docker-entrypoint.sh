#!/bin/sh
# Prepare a new database cluster, then become the server. Understands the variables that
# docker-compose.yml sets for pgvector/pgvector (POSTGRES_USER, POSTGRES_PASSWORD_FILE,
# POSTGRES_PASSWORD, POSTGRES_DB, POSTGRES_INITDB_ARGS, PGDATA), so that either image serves the same file.
set -eu

if [ "${1:-}" != postgres ]; then
    exec "$@"
fi

if [ ! -s "$PGDATA/PG_VERSION" ]; then
    if [ -n "${POSTGRES_PASSWORD_FILE:-}" ]; then
        POSTGRES_PASSWORD=$(cat "$POSTGRES_PASSWORD_FILE")
    fi
    if [ -z "${POSTGRES_PASSWORD:-}" ]; then
        echo "set POSTGRES_PASSWORD_FILE (or POSTGRES_PASSWORD): there is no default password" >&2
        exit 1
    fi
    user=${POSTGRES_USER:-postgres}
    # A cluster appears whole or not at all: what a start that was cut short left is cleared away.
    half=$PGDATA/.half
    if [ -d "$half" ]; then
        rm -rf "$half" "${PGDATA:?}"/*
    fi
    password=$(mktemp)
    printf '%s\n' "$POSTGRES_PASSWORD" >"$password"
    # shellcheck disable=SC2086 # one argument or several
    initdb --pgdata "$half" --username "$user" --pwfile "$password" --encoding UTF8 \
        --auth trust ${POSTGRES_INITDB_ARGS:-}
    rm "$password"
    # As in the image it stands in for: whoever is inside the container is let in.
    echo 'host all all all scram-sha-256' >>"$half/pg_hba.conf"
    echo "listen_addresses = '*'" >>"$half/postgresql.conf"
    if [ "${POSTGRES_DB:-$user}" != postgres ]; then
        printf 'CREATE DATABASE "%s"' "${POSTGRES_DB:-$user}" |
            postgres --single -D "$half" postgres >/dev/null
    fi
    chmod 700 "$PGDATA" 2>/dev/null || true
    mv "$half/PG_VERSION" "$half/.version"
    mv "$half"/* "$PGDATA"/
    mv "$half/.version" "$PGDATA/PG_VERSION"
    rmdir "$half"
fi
unset POSTGRES_PASSWORD
exec "$@"

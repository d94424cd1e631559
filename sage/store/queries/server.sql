-- name: server_versions
-- Tell the version of the server and of its extension pgvector; null before it is created.
SELECT current_setting('server_version') AS postgres,
    (SELECT extversion FROM pg_extension WHERE extname = 'vector') AS pgvector;

-- name: answer_probe
-- Tell the version of the server, and whether the database takes or took part in a move.
SELECT current_setting('server_version') AS postgres, to_regclass('sage.moving') IS NOT NULL AS has_moving;

-- name: connection_budget
-- Count the connections that the server allows to ordinary roles, and those that are open. Of the
-- sessions of others an ordinary role may read no more than their number.
SELECT
    current_setting('max_connections')::int
        - current_setting('superuser_reserved_connections')::int
        - coalesce(current_setting('reserved_connections', true), '0')::int AS allowed,
    (SELECT sum(numbackends) FROM pg_stat_database)::int AS used;

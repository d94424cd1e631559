-- name: server_versions
-- Tell the version of the server and of its extension pgvector; null before it is created.
SELECT current_setting('server_version') AS postgres,
    (SELECT extversion FROM pg_extension WHERE extname = 'vector') AS pgvector;

-- name: lock_migrations
-- Wait until no other starter migrates; any number will do, if every Sage takes the same one.
SELECT pg_advisory_xact_lock(7308604898146214);

-- name: create_schema_migrations
-- Make the record of what was applied, on the very first start.
CREATE TABLE IF NOT EXISTS schema_migrations (
    version    integer     PRIMARY KEY,
    name       text        NOT NULL,
    checksum   text        NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);

-- name: has_schema_migrations
-- Tell whether the record of what was applied exists; to_regclass would answer from a cache that
-- does not know yet what another starter just committed.
SELECT EXISTS (
    SELECT FROM pg_class WHERE relname = 'schema_migrations' AND pg_table_is_visible(oid)
);

-- name: list_applied_migrations
-- List what was applied, oldest first.
SELECT version, name, checksum, applied_at FROM schema_migrations ORDER BY version;

-- name: record_migration
-- Note that a migration was applied.
INSERT INTO schema_migrations (version, name, checksum) VALUES ($1, $2, $3);

-- name: server_encoding
-- Tell in which encoding the database keeps text.
SELECT current_setting('server_encoding');

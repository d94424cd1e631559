-- name: lock_migrations
-- Wait until no other starter migrates; any number will do, if every Sage takes the same one.
SELECT pg_advisory_xact_lock(7308604898146214);

-- name: has_schema
-- Report whether the schema exists: who may not create one may use one made by an administrator.
SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = 'sage');

-- name: create_schema
-- Create the schema that holds everything Sage keeps.
CREATE SCHEMA sage;

-- name: find_former_schema
-- Write the statement that lists what the first releases applied, which kept their tables in the first schema of the
-- search path: no row where there is no such table with the columns that it had.
SELECT format(
    'SELECT version, name, checksum, applied_at FROM %I.schema_migrations ORDER BY version',
    pg_namespace.nspname
)
FROM pg_class
JOIN pg_namespace ON pg_namespace.oid = pg_class.relnamespace
WHERE pg_class.relname = 'schema_migrations' AND pg_class.relkind = 'r'
    AND pg_table_is_visible(pg_class.oid) AND has_table_privilege(pg_class.oid, 'SELECT')
    AND 4 = (
        SELECT count(*) FROM pg_attribute
        WHERE attrelid = pg_class.oid AND attname IN ('version', 'name', 'checksum', 'applied_at')
    );

-- name: create_extension
-- Write the statement that installs pgvector where it is missing, in the schema where others look for it too, if there is
-- one: what drops Sage's schema shall not drop their vectors. Where it is installed, the statement does nothing: Citus would
-- have the nodes alter theirs, which only a superuser may.
SELECT CASE WHEN EXISTS (SELECT FROM pg_extension WHERE extname = 'vector') THEN 'SELECT' ELSE format(
    'CREATE EXTENSION IF NOT EXISTS vector SCHEMA %I',
    coalesce((SELECT nspname FROM pg_namespace WHERE nspname = 'public'), 'sage')
) END;

-- name: set_migration_path
-- Let the rest of the transaction create in Sage's schema, and find pgvector wherever it is installed.
SELECT set_config('search_path', format('sage, %I', pg_namespace.nspname), true)
FROM pg_extension
JOIN pg_namespace ON pg_namespace.oid = pg_extension.extnamespace
WHERE pg_extension.extname = 'vector';

-- name: create_schema_migrations
-- Create the record of what was applied, on the very first start.
CREATE TABLE IF NOT EXISTS sage.schema_migrations (
    version    integer     PRIMARY KEY,
    name       text        NOT NULL,
    checksum   text        NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);

-- name: has_schema_migrations
-- Report whether the record of what was applied exists; to_regclass would answer from a cache that
-- does not know yet what another starter just committed.
SELECT EXISTS (
    SELECT FROM pg_class
    JOIN pg_namespace ON pg_namespace.oid = pg_class.relnamespace
    WHERE pg_namespace.nspname = 'sage' AND pg_class.relname = 'schema_migrations'
);

-- name: list_applied_migrations
-- List what was applied, oldest first.
SELECT version, name, checksum, applied_at FROM sage.schema_migrations ORDER BY version;

-- name: record_migration
-- Record that a migration was applied.
INSERT INTO sage.schema_migrations (version, name, checksum) VALUES ($1, $2, $3);

-- name: suitability
-- Read what decides whether a database can take the schema: versions, and in which encoding it keeps text.
SELECT current_setting('server_version') AS postgres,
    current_setting('server_version_num')::int AS version_number,
    current_setting('server_encoding') AS encoding,
    (SELECT extversion FROM pg_extension WHERE extname = 'vector') AS pgvector;

-- name: backup_settings
-- Have every row written in one form, and seen whole or not at all, until the transaction ends.
SELECT string_agg(set_config(setting.name, setting.value, true), ' ')
FROM (
    VALUES ('TimeZone', 'UTC'), ('DateStyle', 'ISO'), ('IntervalStyle', 'postgres'),
        ('bytea_output', 'hex'), ('extra_float_digits', '1'), ('row_security', 'off'),
        ('statement_timeout', '0'), ('lock_timeout', '10s'),
        ('idle_in_transaction_session_timeout', '0'), ('jit', 'off')
) AS setting (name, value);

-- name: export_snapshot
-- Let other sessions see the database as this transaction does.
SELECT pg_export_snapshot();

-- name: backup_origin
-- Describe the database: its schema, when Sage first kept something in it, and its software.
SELECT json_build_object(
    'schema_version', max(version),
    'database_since', min(applied_at),
    'postgres', current_setting('server_version'),
    'pgvector', (SELECT extversion FROM pg_extension WHERE extname = 'vector'),
    'pgvector_schema', (
        SELECT nspname FROM pg_extension
        JOIN pg_namespace ON pg_namespace.oid = extnamespace
        WHERE extname = 'vector'
    )
)::text
FROM sage.schema_migrations;

-- name: table_checksums
-- Write, for each table, the statement that counts its rows and sums them up. Each row counts by the
-- first half of its MD5, so that the order of the rows plays no part.
SELECT format(
    'SELECT json_build_object(''name'', %L, ''rows'', count(*),'
    ' ''size_bytes'', coalesce(sum(octet_length(line)), 0),'
    ' ''checksum'', coalesce(sum((''x'' || left(md5(line), 16))::bit(64)::bigint), 0)::text)::text'
    ' FROM (SELECT one::text AS line FROM sage.%I AS one) AS lines',
    relname, relname
)
FROM pg_class
JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE nspname = 'sage' AND relkind = 'r' AND relname NOT LIKE 'moving%' -- of a move that is under way
ORDER BY relname COLLATE "C";

-- name: sampled_answers
-- Search for ten memories, which are always the same ones, by some of their words and by their vector.
-- Vectors are compared one by one: two indexes over the same vectors lead to slightly different ones.
WITH asked AS MATERIALIZED (
    SELECT space_id, memory_id, embedding, model_id, (
        SELECT string_agg(
            '''' || replace(replace(lexeme, '\', '\\'), '''', '''''') || '''', ' | '
        )::tsquery
        FROM (
            SELECT lexeme FROM unnest(lexemes) ORDER BY length(lexeme) DESC, lexeme COLLATE "C" LIMIT 3
        ) AS longest
    ) AS words
    FROM sage.memories
    LEFT JOIN (
        SELECT space_id, memory_id, embedding, model_id
        FROM sage.embeddings
        JOIN sage.active_model USING (model_id)
        WHERE chunk = 0
    ) AS vectors USING (space_id, memory_id)
    WHERE forgotten_at IS NULL
    ORDER BY md5(memory_id::text), space_id COLLATE "C"
    LIMIT 10
)
SELECT json_build_object(
    'asked', memory_id,
    'by_words', ARRAY(
        SELECT memories.memory_id FROM sage.memories
        WHERE memories.space_id = asked.space_id AND forgotten_at IS NULL
            AND memories.lexemes @@ asked.words
        ORDER BY ts_rank(memories.lexemes, asked.words) DESC, memories.memory_id
        LIMIT 10
    ),
    'by_meaning', ARRAY(
        SELECT embeddings.memory_id FROM sage.embeddings
        JOIN sage.memories USING (space_id, memory_id)
        WHERE embeddings.space_id = asked.space_id AND embeddings.model_id = asked.model_id
            AND forgotten_at IS NULL
        GROUP BY embeddings.memory_id
        ORDER BY min(sage.vector_distance(embeddings.embedding, asked.embedding)),
            embeddings.memory_id
        LIMIT 10
    )
)::text
FROM asked
ORDER BY md5(memory_id::text), space_id COLLATE "C";

-- distributed: sampled_answers
-- Search for them one after the other, each on the node of its space.
SELECT sage.sampled_answers();

-- name: read_last_backup
-- Tell when the newest backup of this database was made.
SELECT made_at FROM sage.last_backup;

-- name: try_lock_scheduled_backup
-- Take the lock for a scheduled backup until the end of the transaction; no row while another has it. Any
-- number will do, if every Sage takes the same one.
SELECT WHERE pg_try_advisory_xact_lock(7308604898146218);

-- name: record_backup
-- Record when a backup was made that is newer than the one recorded.
INSERT INTO sage.last_backup (made_at) VALUES ($1)
ON CONFLICT (singleton) DO UPDATE SET made_at = excluded.made_at;

-- name: restore_target
-- Describe the database that a backup is to be restored into: whether Sage has tables in it, and how many
-- other sessions of Sage there are.
SELECT current_database()::text AS name,
    current_setting('server_encoding') AS encoding,
    EXISTS (
        SELECT FROM pg_class
        WHERE relnamespace = to_regnamespace('sage') AND relkind = 'r'
    ) AS has_tables,
    (
        SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'sage'
            AND pid <> pg_backend_pid()
    ) AS other_sessions;

-- name: restore_preparations
-- Write the statements that drop whatever is in Sage's schema, but for members of extensions.
SELECT statement FROM (
    SELECT 1 AS position, format('DROP TABLE sage.%I CASCADE', relname) AS statement
    FROM pg_class
    WHERE relnamespace = to_regnamespace('sage') AND relkind = 'r'
        AND relname !~ '_[0-9]{6,}$' -- shards of Citus go with their table
    UNION ALL
    SELECT 2, format('DROP ROUTINE %s CASCADE', oid::regprocedure)
    FROM pg_proc
    WHERE pronamespace = to_regnamespace('sage') AND NOT EXISTS (
        SELECT FROM pg_depend
        WHERE classid = 'pg_proc'::regclass AND objid = pg_proc.oid AND deptype = 'e'
    )
    UNION ALL
    SELECT 3, format('DROP DOMAIN sage.%I CASCADE', typname)
    FROM pg_type
    WHERE typnamespace = to_regnamespace('sage') AND typtype = 'd'
    UNION ALL
    SELECT 4, format('DROP SEQUENCE IF EXISTS sage.%I', relname) -- those of columns are gone by then
    FROM pg_class
    WHERE relnamespace = to_regnamespace('sage') AND relkind = 'S'
) AS preparation
ORDER BY position, statement;

-- name: restore_settings
-- Wait only so long for others, and as long as it takes for the work itself; give the building of indexes
-- room, or more where the server is set to, without shared memory, of which containers have little.
SELECT set_config('lock_timeout', '10s', true)
    || set_config('statement_timeout', '0', true)
    || set_config('idle_in_transaction_session_timeout', '0', true)
    || set_config('maintenance_work_mem', greatest(
        pg_size_bytes('256MB'), pg_size_bytes(current_setting('maintenance_work_mem'))
    ) / 1024 || 'kB', true)
    || set_config('max_parallel_maintenance_workers', '0', true);

-- name: restore_columns
-- List the columns of each table that rows give.
SELECT relname AS name, array_agg(attname::text) AS columns
FROM pg_class
JOIN pg_attribute ON attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
WHERE relnamespace = 'sage'::regnamespace AND relkind = 'r'
GROUP BY relname;

-- name: restore_sequences
-- List the sequences that number rows.
SELECT relname AS name FROM pg_class
WHERE relnamespace = 'sage'::regnamespace AND relkind = 'S';

-- name: restore_detachments
-- Write the statements that take from the tables what is built or done for each row, and those that put it
-- back, which are run in the reverse order.
SELECT detach, attach FROM (
    SELECT CASE contype WHEN 'f' THEN 1 ELSE 2 END AS position, conname AS name,
        format('ALTER TABLE sage.%I DROP CONSTRAINT %I', relname, conname) AS detach,
        format('ALTER TABLE sage.%I ADD CONSTRAINT %I %s', relname, conname,
            pg_get_constraintdef(pg_constraint.oid)) AS attach
    FROM pg_constraint
    JOIN pg_class ON pg_class.oid = conrelid
    WHERE relnamespace = 'sage'::regnamespace AND contype IN ('f', 'p', 'u')
    UNION ALL
    SELECT 3, relname, format('DROP INDEX sage.%I', relname), pg_get_indexdef(indexrelid)
    FROM pg_index
    JOIN pg_class ON pg_class.oid = indexrelid
    WHERE relnamespace = 'sage'::regnamespace
        AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
    UNION ALL
    SELECT DISTINCT 4, relname, format('ALTER TABLE sage.%I DISABLE TRIGGER USER', relname),
        format('ALTER TABLE sage.%I ENABLE TRIGGER USER', relname)
    FROM pg_trigger
    JOIN pg_class ON pg_class.oid = tgrelid
    WHERE relnamespace = 'sage'::regnamespace AND NOT tgisinternal
    UNION ALL
    SELECT 5, relname, format('ALTER TABLE sage.%I DISABLE ROW LEVEL SECURITY', relname),
        format('ALTER TABLE sage.%I ENABLE ROW LEVEL SECURITY', relname)
    FROM pg_class
    WHERE relnamespace = 'sage'::regnamespace AND relrowsecurity
) AS detachment
ORDER BY position, name;

-- name: restore_emptying
-- Write the statement that removes the rows which migrations add to new tables.
SELECT 'TRUNCATE ' || string_agg(format('sage.%I', relname), ', ')
FROM pg_class
WHERE relnamespace = 'sage'::regnamespace AND relkind = 'r';

-- name: restore_role
-- Write the statement by which a superuser gives up all rights but to write to tables, until they are
-- reset or the transaction ends; null for others, who may run no programs anyway.
SELECT 'SET LOCAL ROLE pg_write_all_data' WHERE current_setting('is_superuser') = 'on';

-- name: reset_role
-- Take the rights of the session's user again.
RESET ROLE;

-- name: set_sequence
-- Set a sequence to a value, and whether it was handed out already.
SELECT setval(format('sage.%I', $1::text)::regclass, $2::bigint, $3::boolean);

-- name: table_analyses
-- Write the statements that collect what the planner has to know of each table.
SELECT format('ANALYZE sage.%I', relname) AS statement
FROM pg_class
WHERE relnamespace = to_regnamespace('sage') AND relkind = 'r'
ORDER BY relname COLLATE "C";

-- name: database_creation
-- Write the statement that creates a database for text in any language.
SELECT format('CREATE DATABASE %I ENCODING ''UTF8'' TEMPLATE template0', $1::text);

-- name: has_database
-- Report whether the server has a database of this name.
SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1);

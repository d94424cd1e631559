-- name: has_moving
-- Report whether the database takes or took part in a move.
SELECT EXISTS (
    SELECT FROM pg_class
    JOIN pg_namespace ON pg_namespace.oid = pg_class.relnamespace
    WHERE pg_namespace.nspname = 'sage' AND pg_class.relname = 'moving'
);

-- name: read_moving
-- Read what the database says of a move.
SELECT move_id, side, state, other, began_at, moved_at FROM sage.moving;

-- name: mark_moving
-- Record that the database takes part in a move.
INSERT INTO sage.moving (move_id, side, state, other) VALUES ($1, $2, 'copying', $3);

-- name: set_moving_state
-- Record how far the move is, and when it was over.
UPDATE sage.moving SET state = $1, moved_at = $2;

-- name: lock_moving
-- Have this process alone move from or to the database, until its transaction ends; no row where another does. It is
-- for its command tag: a row that is fetched leaves a snapshot, which builds of indexes would wait for.
SELECT WHERE pg_try_advisory_xact_lock(7308604898146219);

-- name: moving_place
-- Describe the server and the database, so that two ways to one database are noticed, and what matters for a move.
SELECT (pg_postmaster_start_time() || ' ' || pg_database.oid) AS identity,
    pg_database.datname::text AS name,
    current_setting('server_version') AS postgres,
    pg_database_size(pg_database.oid) AS size_bytes,
    current_setting('server_encoding') AS encoding,
    coalesce(datcollate, '') AS collation,
    pg_is_in_recovery() OR current_setting('default_transaction_read_only') = 'on' AS is_read_only,
    (SELECT extversion FROM pg_extension WHERE extname = 'vector') AS pgvector,
    EXISTS (SELECT FROM pg_extension WHERE extname = 'citus') AS is_citus
FROM pg_database WHERE datname = current_database();

-- name: moving_is_filled
-- Report whether Sage has kept anything in the database that a move would replace.
SELECT EXISTS (SELECT 1 FROM sage.memories) OR EXISTS (SELECT 1 FROM sage.sessions)
    OR EXISTS (SELECT 1 FROM sage.tokens) OR EXISTS (SELECT 1 FROM sage.users)
    OR EXISTS (SELECT 1 FROM sage.spaces WHERE id <> 'default');

-- fragment: moving_settings
-- Have every row written in one form, and take as long as it takes.
VALUES ('TimeZone', 'UTC'), ('DateStyle', 'ISO'), ('IntervalStyle', 'postgres'),
    ('bytea_output', 'hex'), ('extra_float_digits', '1'), ('row_security', 'off'),
    ('statement_timeout', '0'), ('lock_timeout', '10s'),
    ('idle_in_transaction_session_timeout', '0'), ('jit', 'off')

-- name: moving_session
-- Have every row written in one form, and take as long as it takes, until the transaction ends.
SELECT string_agg(set_config(setting.name, setting.value, true), ' ')
FROM (
    -- include: moving_settings
) AS setting (name, value);

-- distributed: moving_session
-- Have it so on every node that takes part; tables are changed shard by shard, and may have triggers.
SELECT sage.bound_transaction(array_agg(setting.name), array_agg(setting.value)),
    set_config('citus.multi_shard_modify_mode', 'sequential', true),
    set_config('citus.enable_unsafe_triggers', 'on', true)
FROM (
    -- include: moving_settings
) AS setting (name, value);

-- fragment: moving_tables
-- List the tables that are moved with their columns, in a fixed order, and those of their keys. Which spaces have an
-- index over their vectors, and which vectors it does not lead to, each database says of its own indexes. A shard of
-- Citus is part of a table that is listed, and is called like it with a number at the end.
SELECT pg_class.oid, relname AS name, (
    SELECT string_agg(quote_ident(attname), ', ' ORDER BY attname COLLATE "C")
    FROM pg_attribute
    WHERE attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
) AS columns, keys.*
FROM pg_class
LEFT JOIN LATERAL (
    SELECT string_agg(quote_ident(attname), ', ' ORDER BY part.position) AS key,
        string_agg(format('%I::text', attname), ', ' ORDER BY part.position) AS as_text,
        string_agg(format('($1).%I::text', attname), ', ' ORDER BY part.position) AS of_row,
        string_agg(format(
            '(one.key ->> %s)::%s AS key_%s', part.position - 1, format_type(atttypid, atttypmod), part.position - 1
        ), ', ' ORDER BY part.position) AS columns_of_keys,
        string_agg(format('sage.%I.%I = keys.key_%s', relname, attname, part.position - 1), ' AND '
            ORDER BY part.position) AS is_key,
        string_agg(format(
            '($1::text::jsonb ->> %s)::%s', part.position - 1, format_type(atttypid, atttypmod)
        ), ', ' ORDER BY part.position) AS first_given,
        string_agg(format(
            '($2::text::jsonb ->> %s)::%s', part.position - 1, format_type(atttypid, atttypmod)
        ), ', ' ORDER BY part.position) AS second_given
    FROM pg_index
    CROSS JOIN LATERAL unnest(indkey::smallint[]) WITH ORDINALITY AS part (attnum, position)
    JOIN pg_attribute ON attrelid = indrelid AND pg_attribute.attnum = part.attnum
    WHERE indrelid = pg_class.oid AND indisprimary
) AS keys ON true
WHERE relnamespace = 'sage'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
    AND relname NOT LIKE 'moving%' AND relname NOT IN ('unlinked_embeddings', 'indexed_spaces')
    AND relname !~ '_[0-9]{6,}$'
ORDER BY relname COLLATE "C";

-- name: moving_statements
-- Write the statements that move each table: by ranges of its key first, then by single keys, which come as JSON.
WITH moved AS (
    -- include: moving_tables
), written AS (
    SELECT moved.*, format('SELECT %s FROM sage.%I', columns, name) AS all_rows,
        format('SELECT %s FROM jsonb_array_elements($1::text::jsonb) AS one (key)', columns_of_keys) AS keys_given,
        format(
            'SELECT count(*) AS rows, coalesce(sum((''x'' || left(md5(ROW(%s)::text), 16))::bit(64)::bigint), 0)::text'
            ' AS checksum FROM sage.%I', columns, name
        ) AS all_digested
    FROM moved
)
SELECT name, string_to_array(columns, ', ') AS columns,
    format('SELECT count(*) FROM sage.%I', name) AS count_rows,
    format(
        'SELECT jsonb_build_array(%s)::text AS last_key, row_number() OVER (ORDER BY %s) AS number FROM ('
        'SELECT %s FROM sage.%I ORDER BY %s LIMIT $1::text::bigint) AS one ORDER BY number DESC LIMIT 1',
        as_text, key, key, name, key
    ) AS first_bound,
    format(
        'SELECT jsonb_build_array(%s)::text AS last_key, row_number() OVER (ORDER BY %s) AS number FROM ('
        'SELECT %s FROM sage.%I WHERE (%s) > (%s) ORDER BY %s LIMIT $2::text::bigint) AS one'
        ' ORDER BY number DESC LIMIT 1',
        as_text, key, key, name, key, first_given, key
    ) AS next_bound,
    format('%s WHERE (%s) <= (%s)', all_rows, key, first_given) AS first_rows,
    format('%s WHERE (%s) > (%s) AND (%s) <= (%s)', all_rows, key, first_given, key, second_given) AS next_rows,
    format('%s JOIN (%s) AS keys ON %s', all_rows, keys_given, is_key) AS rows_of_keys,
    format('WITH keys AS MATERIALIZED (%s) DELETE FROM sage.%I USING keys WHERE %s', keys_given, name, is_key)
        AS delete_keys,
    format('%s JOIN (%s) AS keys ON %s', all_digested, keys_given, is_key) AS digest_keys,
    all_digested AS digest_rows,
    format('TRUNCATE sage.%I CASCADE', name) AS empty,
    format('ANALYZE sage.%I', name) AS analyze
FROM written
ORDER BY name COLLATE "C";

-- name: moving_locks
-- Write the statement that waits until nobody writes, and lets nobody write until the transaction ends.
SELECT 'LOCK TABLE ' || string_agg(format('sage.%I', name), ', ' ORDER BY name COLLATE "C")
    || ' IN SHARE ROW EXCLUSIVE MODE'
FROM (
    -- include: moving_tables
) AS moved;

-- name: moving_lock_wait
-- Wait for a lock for so long: less than deadlock_timeout, and nobody is found in a deadlock.
SELECT set_config('lock_timeout', $1, true);

-- distributed: moving_lock_wait
-- Wait for so long on every node.
SELECT sage.bound_transaction(ARRAY['lock_timeout'], ARRAY[$1::text]);

-- name: record_triggers
-- Write the statements by which every row that is written is recorded.
SELECT format(
    'CREATE OR REPLACE TRIGGER record_moving AFTER INSERT OR UPDATE OR DELETE ON sage.%I'
    ' FOR EACH ROW EXECUTE FUNCTION sage.record_moving(%L)',
    name, format(
        'INSERT INTO sage.moving_journal (table_name, key) SELECT %L, jsonb_build_array(%s)', name, of_row
    )
) AS statement
FROM (
    -- include: moving_tables
) AS moved;

-- distributed: record_triggers
-- Write them so that what is of a space is recorded on its node, and the rest on the coordinator.
SELECT format(
    'CREATE OR REPLACE TRIGGER record_moving AFTER INSERT OR UPDATE OR DELETE ON sage.%I'
    ' FOR EACH ROW EXECUTE FUNCTION sage.record_moving(%L, %L)',
    name, CASE
        WHEN is_spread THEN format(
            'INSERT INTO sage.moving_journal_of_spaces (space_id, table_name, key)'
            ' SELECT ($1).space_id, %L, jsonb_build_array(%s)', name, of_row
        )
        ELSE format(
            'INSERT INTO sage.moving_journal (table_name, key) SELECT %L, jsonb_build_array(%s)', name, of_row
        )
    END, CASE WHEN is_spread THEN 'sage.moving_journal_of_spaces' ELSE 'sage.moving_journal' END
) AS statement
FROM (
    SELECT moved.*, EXISTS (
        SELECT FROM pg_dist_partition WHERE logicalrelid = moved.oid AND partmethod = 'h'
    ) AS is_spread
    FROM (
        -- include: moving_tables
    ) AS moved
) AS moved;

-- name: refuse_triggers
-- Write the statements by which nothing is written any more.
SELECT format(statement, name) AS statement
FROM (
    -- include: moving_tables
) AS moved
CROSS JOIN (
    VALUES (
        'CREATE OR REPLACE TRIGGER refuse_moved BEFORE INSERT OR UPDATE OR DELETE ON sage.%I'
        ' FOR EACH ROW EXECUTE FUNCTION sage.refuse_moved()'
    ), (
        'CREATE OR REPLACE TRIGGER refuse_moved_emptying BEFORE TRUNCATE ON sage.%I'
        ' FOR EACH STATEMENT EXECUTE FUNCTION sage.refuse_moved()'
    )
) AS refusals (statement);

-- name: moving_triggers_removal
-- Write the statements that take triggers of a move off the tables: those with a name that begins so.
SELECT format('DROP TRIGGER %I ON sage.%I', tgname, relname) AS statement
FROM pg_trigger
JOIN pg_class ON pg_class.oid = tgrelid
WHERE relnamespace = 'sage'::regnamespace AND NOT tgisinternal
    AND tgname IN ('record_moving', 'refuse_moved', 'refuse_moved_emptying') AND starts_with(tgname::text, $1::text)
ORDER BY relname COLLATE "C", tgname;

-- name: count_unrecorded_tables
-- Count the tables whose writes are not recorded.
SELECT count(*)
FROM (
    -- include: moving_tables
) AS moved
WHERE NOT EXISTS (
    SELECT FROM pg_trigger WHERE tgrelid = moved.oid AND tgname = 'record_moving' AND tgenabled <> 'D'
);

-- name: moving_removal
-- Write the statements that remove all that a move added to the schema, but for triggers.
SELECT statement FROM (
    SELECT 1 AS position, format('DROP TABLE sage.%I', relname) AS statement
    FROM pg_class
    WHERE relnamespace = 'sage'::regnamespace AND relkind = 'r' AND relname LIKE 'moving%'
        AND relname !~ '_[0-9]{6,}$'
    UNION ALL
    SELECT 2, format('DROP FUNCTION %s', oid::regprocedure)
    FROM pg_proc
    WHERE pronamespace = 'sage'::regnamespace AND proname IN ('record_moving', 'refuse_moved')
) AS removal
ORDER BY position, statement;

-- name: drop_moving_journal
-- Remove the journal of a move that is over.
DROP TABLE IF EXISTS sage.moving_journal;

-- distributed: drop_moving_journal
-- Remove both of its parts.
DROP TABLE IF EXISTS sage.moving_journal, sage.moving_journal_of_spaces;

-- name: read_moving_journal
-- Read which rows were written, each once by table, and which entries say so.
SELECT table_name, jsonb_agg(DISTINCT key)::text AS keys, array_agg(entry) AS entries
FROM sage.moving_journal
GROUP BY table_name
ORDER BY table_name COLLATE "C";

-- name: delete_moving_entries
-- Remove entries of the journal that were followed.
DELETE FROM sage.moving_journal WHERE entry = ANY($1::bigint[]);

-- name: read_moving_journal_of_spaces
-- Read the same of the part of the journal that is distributed.
SELECT table_name, jsonb_agg(DISTINCT key)::text AS keys, array_agg(entry) AS entries
FROM sage.moving_journal_of_spaces
GROUP BY table_name
ORDER BY table_name COLLATE "C";

-- name: delete_moving_entries_of_spaces
-- Remove entries of that part that were followed.
DELETE FROM sage.moving_journal_of_spaces WHERE entry = ANY($1::bigint[]);

-- name: read_moving_progress
-- Read how far each table was copied.
SELECT table_name, last_key, rows, is_done FROM sage.moving_progress;

-- name: record_moving_progress
-- Record how far a table was copied: the last key, with how many rows more.
INSERT INTO sage.moving_progress (table_name, last_key, rows) VALUES ($1, $2, $3)
ON CONFLICT (table_name) DO UPDATE
SET last_key = excluded.last_key, rows = moving_progress.rows + excluded.rows;

-- name: end_moving_progress
-- Record that all of a table was copied.
INSERT INTO sage.moving_progress (table_name, is_done) VALUES ($1, true)
ON CONFLICT (table_name) DO UPDATE SET is_done = true;

-- name: moving_detachments
-- Record the statements that take off the tables what is checked or built for each row, but for their keys, and those
-- that put it back. A reference is put back unchecked: the rows are those of a database that has checked them.
INSERT INTO sage.moving_detached (kind, detach, attach)
SELECT kind, detach, attach FROM (
    SELECT 'reference' AS kind, 1 AS position, conname AS name,
        format('ALTER TABLE sage.%I DROP CONSTRAINT %I', relname, conname) AS detach,
        format('ALTER TABLE sage.%I ADD CONSTRAINT %I %s NOT VALID', relname, conname,
            pg_get_constraintdef(pg_constraint.oid)) AS attach
    FROM pg_constraint
    JOIN pg_class ON pg_class.oid = conrelid
    WHERE relnamespace = 'sage'::regnamespace AND contype = 'f' AND relname !~ '_[0-9]{6,}$'
    UNION ALL
    SELECT 'index', 2, conname,
        format('ALTER TABLE sage.%I DROP CONSTRAINT %I', relname, conname),
        format('ALTER TABLE sage.%I ADD CONSTRAINT %I %s', relname, conname,
            pg_get_constraintdef(pg_constraint.oid))
    FROM pg_constraint
    JOIN pg_class ON pg_class.oid = conrelid
    WHERE relnamespace = 'sage'::regnamespace AND contype = 'u' AND relname !~ '_[0-9]{6,}$'
    UNION ALL
    SELECT 'index', 3, relname, format('DROP INDEX sage.%I', relname), pg_get_indexdef(indexrelid)
    FROM pg_index
    JOIN pg_class ON pg_class.oid = indexrelid
    WHERE relnamespace = 'sage'::regnamespace AND relname !~ '_[0-9]{6,}$'
        AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
    UNION ALL
    SELECT DISTINCT 'trigger', 4, relname, format('ALTER TABLE sage.%I DISABLE TRIGGER USER', relname),
        format('ALTER TABLE sage.%I ENABLE TRIGGER USER', relname)
    FROM pg_trigger
    JOIN pg_class ON pg_class.oid = tgrelid
    WHERE relnamespace = 'sage'::regnamespace AND NOT tgisinternal AND relname !~ '_[0-9]{6,}$'
) AS detachment
ORDER BY position, name;

-- name: list_moving_detached
-- List what was taken off the tables.
SELECT kind, detach, attach FROM sage.moving_detached ORDER BY position;

-- name: delete_moving_detached
-- Forget what was put back.
DELETE FROM sage.moving_detached WHERE kind = ANY($1::text[]);

-- name: delete_stray_unlinked
-- Forget vectors that no index leads to and that were removed since.
DELETE FROM sage.unlinked_embeddings AS unlinked
WHERE NOT EXISTS (
    SELECT FROM sage.embeddings
    WHERE embeddings.space_id = unlinked.space_id AND embeddings.memory_id = unlinked.memory_id
        AND embeddings.model_id = unlinked.model_id AND embeddings.chunk = unlinked.chunk
);

-- name: unchecked_references
-- Write the statements that check the references which were put back unchecked; none where there are no tables.
SELECT format('ALTER TABLE sage.%I VALIDATE CONSTRAINT %I', relname, conname) AS statement
FROM pg_constraint
JOIN pg_class ON pg_class.oid = conrelid
WHERE relnamespace = to_regnamespace('sage') AND contype = 'f' AND NOT convalidated
    AND relname !~ '_[0-9]{6,}$'
ORDER BY relname COLLATE "C", conname;

-- name: moving_sequences
-- Read the values of the sequences that number rows, null where no number was drawn.
SELECT sequencename AS name, last_value FROM pg_sequences
WHERE schemaname = 'sage' AND sequencename NOT LIKE 'moving%'
ORDER BY sequencename COLLATE "C";

-- name: continue_sequence
-- Let a sequence go on after a value.
SELECT setval(format('sage.%I', $1::text)::regclass, $2::bigint);

-- name: newest_arrival
-- Read the highest number of a memory, null where there is none.
SELECT max(arrival) FROM sage.memories;

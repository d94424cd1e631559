-- name: erasable_tables
-- List every table whose rows belong to a space, with the tables that it refers to, and write the
-- statements that delete from it: at most $2 rows of a space, or the rows that belong to a session, or
-- those that name any of the given memories, in whichever column. Each counts what it deleted. Null
-- where a table names no session, or no memory.
SELECT pg_class.relname AS name,
    ARRAY(
        SELECT referred.relname
        FROM pg_constraint
        JOIN pg_class AS referred ON referred.oid = pg_constraint.confrelid
        WHERE pg_constraint.conrelid = pg_class.oid AND pg_constraint.contype = 'f'
            AND pg_constraint.confrelid <> pg_class.oid
    ) AS refers_to,
    format(
        'WITH gone AS (DELETE FROM sage.%1$I WHERE space_id = $1 AND ctid = ANY (ARRAY('
        'SELECT ctid FROM sage.%1$I WHERE space_id = $1 LIMIT $2)) RETURNING 1)'
        ' SELECT count(*) FROM gone',
        pg_class.relname
    ) AS of_space,
    CASE WHEN columns.has_session THEN format(
        'WITH gone AS (DELETE FROM sage.%I WHERE space_id = $1 AND session_id = $2 RETURNING 1)'
        ' SELECT count(*) FROM gone',
        pg_class.relname
    ) END AS of_session,
    CASE WHEN columns.names_memories IS NOT NULL THEN format(
        'WITH gone AS (DELETE FROM sage.%I WHERE space_id = $1 AND (%s) RETURNING 1)'
        ' SELECT count(*) FROM gone',
        pg_class.relname, columns.names_memories
    ) END AS of_memories
FROM pg_class
CROSS JOIN LATERAL (
    SELECT bool_or(attname = 'space_id') AS has_space, bool_or(attname = 'session_id') AS has_session,
        string_agg(
            format(
                CASE atttypid WHEN 'uuid'::regtype THEN '%1$I = ANY ($2)' ELSE
                    'ctid = ANY (ARRAY(SELECT listing.ctid FROM sage.%2$I AS listing '
                    'CROSS JOIN LATERAL unnest(listing.%1$I) AS listed (id) '
                    'WHERE listing.space_id = $1 AND listed.id IN (SELECT unnest($2::uuid[]))))'
                END,
                attname, pg_class.relname
            ),
            ' OR '
        ) FILTER (WHERE atttypid IN ('uuid'::regtype, 'uuid[]'::regtype)) AS names_memories
    FROM pg_attribute
    WHERE attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped
) AS columns
WHERE pg_class.relnamespace = 'sage'::regnamespace AND pg_class.relkind IN ('r', 'p')
    AND columns.has_space
ORDER BY pg_class.relname;

-- name: count_erasable
-- Count the memories of a space, of one session of it ($2) or of one author ($3), the forgotten too.
SELECT count(*) AS memories, count(DISTINCT session_id) AS sessions
FROM sage.memories
WHERE space_id = $1 AND ($2::text IS NULL OR session_id = $2) AND ($3::text IS NULL OR author = $3);

-- name: choose_erasable
-- Choose, at most so many, the memories that are counted so and follow a given one.
SELECT memory_id, session_id FROM sage.memories
WHERE space_id = $1 AND ($2::text IS NULL OR session_id = $2) AND ($3::text IS NULL OR author = $3)
    AND memory_id > $4
ORDER BY memory_id
LIMIT $5
FOR UPDATE;

-- name: choose_aged
-- Choose, at most so many, the memories of a space that were said more than so many days ago.
SELECT memory_id, session_id FROM sage.memories
WHERE space_id = $1 AND created_at < now() - make_interval(days => $2)
ORDER BY created_at
LIMIT $3
FOR UPDATE SKIP LOCKED;

-- name: count_aged
-- Count the memories of a space that were said more than so many days ago, the forgotten too.
SELECT count(*) FROM sage.memories
WHERE space_id = $1 AND created_at < now() - make_interval(days => $2);

-- name: set_retention
-- Set how many days the memories of a space are kept; null for ever.
UPDATE sage.spaces SET retention_days = $2 WHERE id = $1;

-- name: list_retentions
-- List the spaces whose memories are kept for so many days only.
SELECT id AS space_id, retention_days AS days FROM sage.spaces
WHERE retention_days IS NOT NULL
ORDER BY id;

-- distributed: list_retentions
-- Of a server that is away, none.
SELECT id AS space_id, retention_days AS days FROM sage.spaces
WHERE retention_days IS NOT NULL AND sage.is_within_reach(id)
ORDER BY id;

-- name: list_space_ids
-- List the ids of all spaces.
SELECT id FROM sage.spaces ORDER BY id;

-- name: replaced_by
-- Find what the given memories replace.
SELECT replaced_id FROM sage.replacements WHERE space_id = $1 AND memory_id = ANY ($2::uuid[]);

-- name: begin_erasure
-- Record that an erasure has begun, unless it had begun before.
INSERT INTO sage.erasures (target, step, erased, digests) VALUES ($1, 0, '{}', '')
ON CONFLICT DO NOTHING
RETURNING erasure_id;

-- name: try_lock_erasure
-- Take the lock for the erasure of a target until the end of the transaction; no row while another has it.
-- Any number will do, if every Sage takes the same one.
SELECT WHERE pg_try_advisory_xact_lock(73086048, hashtext($1));

-- name: unfinished_erasures
-- List what is being erased, or was when that was interrupted, the oldest first.
SELECT target FROM sage.erasures WHERE step = 0 ORDER BY taken_at;

-- name: spaces_being_erased
-- List the spaces that are being erased as a whole.
SELECT spaces.id AS space_id
FROM sage.erasures
JOIN sage.spaces ON spaces.name = erasures.target::json ->> 'space'
WHERE erasures.step = 0
    AND erasures.target::json ->> 'session' IS NULL AND erasures.target::json ->> 'author' IS NULL;

-- name: find_erasure
-- Find the id of the erasure of a target.
SELECT erasure_id FROM sage.erasures WHERE target = $1 AND step = 0;

-- name: measure_erasure
-- Tell of an erasure what its target is, when it began, and how many digests it has of $2 bytes each.
SELECT begun.target, begun.taken_at, (
        SELECT coalesce(sum(octet_length(digests)), 0)::bigint / $2::integer FROM sage.erasures
        WHERE erasures.target = begun.target
    ) AS memories
FROM sage.erasures AS begun
WHERE begun.erasure_id = $1 AND begun.step = 0;

-- name: lock_erasure
-- Let one process at a time go on with an erasure.
SELECT FROM sage.erasures WHERE target = $1 AND step = 0 FOR UPDATE;

-- name: record_erased
-- Record what a step of an erasure has deleted: how many rows of each table, and the digests of the
-- ids of memories, one after the other.
INSERT INTO sage.erasures (target, step, erased, digests)
SELECT $1, max(step) + 1, $2::text::jsonb, $3::bytea FROM sage.erasures WHERE target = $1;

-- name: read_erasure
-- Read the steps of an erasure, in their order.
SELECT erasure_id, taken_at, erased::text AS erased, digests FROM sage.erasures WHERE target = $1 ORDER BY step;

-- name: end_erasure
-- Delete the steps of an erasure, of which there is a receipt now.
DELETE FROM sage.erasures WHERE target = $1;

-- name: close_space
-- Close a space: its tokens open it no more, and those that open nothing else are deleted.
WITH closed AS (
    DELETE FROM sage.token_spaces WHERE space_id = $1 RETURNING token_id
), gone AS (
    DELETE FROM sage.tokens
    USING closed
    WHERE tokens.token_id = closed.token_id AND NOT EXISTS (
        SELECT FROM sage.token_spaces
        WHERE token_spaces.token_id = tokens.token_id AND token_spaces.space_id <> $1
    )
    RETURNING tokens.name
)
SELECT (SELECT count(*) FROM closed) AS token_spaces, ARRAY(SELECT name FROM gone ORDER BY name) AS tokens,
    '{}'::text[] AS users;

-- name: remove_space
-- Remove a space that holds nothing.
DELETE FROM sage.spaces WHERE id = $1;

-- name: remove_person
-- Remove a user with all their tokens, or the token that saves under a name of its own.
WITH named AS (
    DELETE FROM sage.tokens WHERE user_name = $1 OR (user_name IS NULL AND name = $1)
    RETURNING name
), gone AS (
    DELETE FROM sage.users WHERE name = $1 RETURNING name
)
SELECT 0 AS token_spaces, ARRAY(SELECT name FROM named ORDER BY name) AS tokens,
    ARRAY(SELECT name FROM gone) AS users;

-- name: knows_person
-- Tell whether there is a user, or a token without a user, of that name.
SELECT EXISTS (SELECT FROM sage.users WHERE name = $1)
    OR EXISTS (SELECT FROM sage.tokens WHERE user_name IS NULL AND name = $1);

-- name: list_indexes_of_space
-- Write the statements that drop the vector indexes of a space.
SELECT format('DROP INDEX CONCURRENTLY IF EXISTS %s', pg_index.indexrelid::regclass) AS statement
FROM pg_index
JOIN pg_class ON pg_class.oid = pg_index.indexrelid
WHERE pg_index.indrelid = 'sage.embeddings'::regclass
    AND pg_class.relname LIKE format('embeddings\_hnsw\_%%\_%s', md5($1::text));

-- distributed: list_indexes_of_space
-- Drop them on their nodes.
SELECT format('SELECT sage.run_on_node(%L, %s, %L)', node, port,
    format('DROP INDEX CONCURRENTLY IF EXISTS sage.%I', name)) AS statement
FROM sage.vector_indexes_of_nodes()
WHERE name LIKE format('embeddings\_hnsw\_%%\_%s', md5($1::text));

-- name: vacuum_statements
-- Write the statements that take what was deleted out of the files of the given tables and of their
-- indexes, and sampled values out of the statistics of the planner.
SELECT format('VACUUM (ANALYZE) sage.%I', name) AS statement FROM unnest($1::text[]) AS name;

-- name: count_returned
-- Count the memories whose ids have one of the given digests.
SELECT count(*) FROM sage.memories
WHERE sha256(convert_to(memory_id::text, 'UTF8')) = ANY ($1::bytea[]);

-- name: archives_its_log
-- Tell whether the server archives its write-ahead log.
SELECT current_setting('archive_mode') <> 'off';

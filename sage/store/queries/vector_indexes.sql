-- fragment: distinct_spaces
-- Walk from space to space along the primary key; the last row is null.
spaces AS (
    (SELECT space_id FROM sage.embeddings ORDER BY space_id LIMIT 1)
    UNION ALL
    SELECT (
        SELECT space_id FROM sage.embeddings
        WHERE embeddings.space_id > spaces.space_id
        ORDER BY space_id LIMIT 1
    )
    FROM spaces
    WHERE spaces.space_id IS NOT NULL
);

-- name: try_lock_index_build
-- Take the lock for building indexes until the end of the transaction; no row while another has it.
-- Any number will do, if every Sage takes the same one.
SELECT WHERE pg_try_advisory_xact_lock(7308604898146215);

-- name: walk_large_spaces
-- Walk from space to space along the primary key, at most $4 of them after the space $3; tell of each whether it has more
-- than $2 vectors of a model. No more of a space is read than that takes.
WITH RECURSIVE walked AS (
    (SELECT space_id, 1 AS number FROM sage.embeddings WHERE space_id > $3 ORDER BY space_id LIMIT 1)
    UNION ALL
    SELECT (
        SELECT space_id FROM sage.embeddings
        WHERE embeddings.space_id > walked.space_id
        ORDER BY space_id LIMIT 1
    ), number + 1
    FROM walked
    WHERE walked.space_id IS NOT NULL AND number < $4
)
SELECT space_id, EXISTS (
    SELECT FROM sage.embeddings
    WHERE embeddings.space_id = walked.space_id AND model_id = $1::smallint
    OFFSET $2
) AS is_large
FROM walked
WHERE space_id IS NOT NULL
ORDER BY space_id;

-- distributed: walk_large_spaces
-- Ask each space on its node.
SELECT space_id, is_large FROM sage.walk_large_spaces($1::smallint, $2, $3, $4::integer) ORDER BY space_id;

-- name: list_common_spaces
-- List the spaces that hold most vectors, as the planner knows them.
SELECT unnest(most_common_vals::text::text[]) AS space_id
FROM pg_stats
WHERE schemaname = 'sage' AND tablename = 'embeddings' AND attname = 'space_id';

-- distributed: list_common_spaces
-- Ask each node for those of its shards.
SELECT DISTINCT found #>> '{}' AS space_id
FROM sage.rows_of_nodes($query$
    SELECT coalesce(json_agg(DISTINCT common.space_id), '[]')
    FROM pg_stats
    CROSS JOIN LATERAL unnest(most_common_vals::text::text[]) AS common (space_id)
    WHERE schemaname = 'sage' AND tablename ~ '^embeddings_[0-9]+$' AND attname = 'space_id'
$query$);

-- name: list_missing_vector_indexes
-- Write the statements that build the indexes wanted for a model: one for each of the spaces $4 with more than
-- $2 vectors, the largest first, so that there are no more than $3 of the model. A space that still
-- waits for most of its vectors, as after an import, comes later. Of over $5 vectors each is linked with more care, and
-- of three times as many with more still.
-- Return the space of each, and how many vectors it has.
WITH existing AS (
    SELECT pg_class.relname AS name
    FROM pg_index
    JOIN pg_class ON pg_class.oid = pg_index.indexrelid
    WHERE pg_index.indrelid = 'sage.embeddings'::regclass
        AND pg_class.relname LIKE format('embeddings\_hnsw\_%s\_%%', $1::smallint)
), missing AS (
    SELECT DISTINCT space_id, format('embeddings_hnsw_%s_%s', $1::smallint, md5(space_id)) AS name
    FROM unnest($4::text[]) AS space_id
    WHERE (SELECT count(*) FROM existing) < $3
), large AS (
    SELECT space_id, name
    FROM missing
    WHERE name NOT IN (SELECT name FROM existing)
        AND EXISTS ( -- stops at the threshold, where a count would read the whole space
            SELECT FROM sage.embeddings
            WHERE embeddings.space_id = missing.space_id AND model_id = $1::smallint
            OFFSET $2
        )
), counted AS MATERIALIZED (
    SELECT space_id, name, (
        SELECT count(*) FROM sage.embeddings
        WHERE embeddings.space_id = large.space_id AND model_id = $1::smallint
    ) AS vectors, (
        SELECT count(*) FROM sage.embedding_queue
        WHERE embedding_queue.space_id = large.space_id
            AND failed_at IS NULL AND due_at < 'infinity'
    ) AS waiting
    FROM large
)
SELECT counted.space_id, counted.vectors, dimensions, format(
    'CREATE INDEX CONCURRENTLY IF NOT EXISTS %1$I ON sage.embeddings'
    ' USING hnsw ((embedding::%2$I.halfvec(%3$s)) %2$I.halfvec_cosine_ops)%6$s'
    ' WHERE model_id = %4$s AND space_id = %5$L',
    counted.name, pg_namespace.nspname, dimensions, model_id, counted.space_id,
    CASE
        WHEN vectors > 3 * $5::bigint THEN ' WITH (ef_construction = 160)'
        WHEN vectors > $5 THEN ' WITH (ef_construction = 128)'
        ELSE ''
    END
) AS statement
FROM counted
JOIN sage.embedding_models ON embedding_models.model_id = $1::smallint
JOIN pg_extension ON pg_extension.extname = 'vector'
JOIN pg_namespace ON pg_namespace.oid = pg_extension.extnamespace
WHERE waiting <= vectors -- built at once an index costs far less than row by row
ORDER BY vectors DESC
LIMIT greatest($3 - (SELECT count(*) FROM existing), 0);

-- distributed: list_missing_vector_indexes
-- Build each on the node of its space, over the shard that the space is in.
WITH existing AS MATERIALIZED (
    SELECT name FROM sage.vector_indexes_of_nodes()
    WHERE name LIKE format('embeddings\_hnsw\_%s\_%%', $1::smallint)
), counted AS MATERIALIZED (
    SELECT * FROM sage.count_vectors($4::text[], $1::smallint, $2, ARRAY(SELECT name FROM existing), $3::bigint)
)
SELECT counted.space_id, counted.vectors, dimensions, format(
    'SELECT sage.run_on_node(%L, %s, %L)',
    counted.node, counted.port, format(
        'CREATE INDEX CONCURRENTLY IF NOT EXISTS %1$I ON sage.%2$I'
        ' USING hnsw ((embedding::%3$I.halfvec(%4$s)) %3$I.halfvec_cosine_ops)%7$s'
        ' WHERE model_id = %5$s AND space_id = %6$L',
        counted.name, counted.shard, pg_namespace.nspname, dimensions, model_id, counted.space_id,
        CASE
            WHEN vectors > 3 * $5::bigint THEN ' WITH (ef_construction = 160)'
            WHEN vectors > $5 THEN ' WITH (ef_construction = 128)'
            ELSE ''
        END
    )
) AS statement
FROM counted
JOIN sage.embedding_models ON embedding_models.model_id = $1::smallint
JOIN pg_extension ON pg_extension.extname = 'vector'
JOIN pg_namespace ON pg_namespace.oid = pg_extension.extnamespace
WHERE waiting <= vectors
ORDER BY vectors DESC
LIMIT greatest($3 - (SELECT count(*) FROM existing), 0);

-- name: largest_without_index
-- Return about how many vectors of the model $1 the largest space has that wants an index and has none, as far as the
-- planner knows, and their length. Those that are idle, or being erased ($3), want none.
SELECT round(common.share * embeddings.reltuples)::bigint AS vectors, dimensions
FROM pg_class AS embeddings
JOIN pg_stats ON schemaname = 'sage' AND tablename = 'embeddings' AND attname = 'space_id'
JOIN sage.embedding_models ON model_id = $1::smallint
CROSS JOIN LATERAL unnest(most_common_vals::text::text[], most_common_freqs) AS common (space_id, share)
WHERE embeddings.oid = 'sage.embeddings'::regclass
    AND common.share * embeddings.reltuples > $2
    AND common.space_id <> ALL ($3::text[])
    AND NOT EXISTS (
        SELECT FROM pg_index
        JOIN pg_class ON pg_class.oid = pg_index.indexrelid
        WHERE pg_index.indrelid = embeddings.oid AND pg_index.indisvalid
            AND pg_class.relname = format('embeddings_hnsw_%s_%s', $1::smallint, md5(common.space_id))
    )
ORDER BY vectors DESC
LIMIT 1;

-- distributed: largest_without_index
-- By what the nodes know of their shards.
SELECT vectors, dimensions FROM sage.largest_without_index($1::smallint, $2, $3::text[]);

-- name: allowed_build_memory
-- Return how much memory the server is set to build an index with, in bytes.
SELECT pg_size_bytes(current_setting('maintenance_work_mem'));

-- name: index_build
-- Tell how far the build of an index over vectors is, of the space $1 or, for null, of any: the part of the table that
-- was read, and how many seconds it has taken. Then it is only compared with what was written meanwhile.
SELECT CASE
        WHEN phase LIKE 'building index%' THEN coalesce(blocks_done::float8 / nullif(blocks_total, 0), 0)
        WHEN phase IN ('initializing', 'waiting for writers before build') THEN 0
        ELSE 1
    END AS progress,
    coalesce(extract(epoch FROM clock_timestamp() - query_start), 0)::float8 AS took_s
FROM pg_stat_progress_create_index
JOIN pg_stat_activity USING (pid)
JOIN pg_class ON pg_class.oid = index_relid
WHERE relid = 'sage.embeddings'::regclass
    AND pg_class.relname LIKE 'embeddings\_hnsw\_%'
    AND ($1::text IS NULL OR pg_class.relname LIKE '%\_' || md5($1))
LIMIT 1;

-- name: list_broken_vector_indexes
-- Write the statements that drop what builds left behind that did not come to their end.
SELECT format('DROP INDEX CONCURRENTLY IF EXISTS %s', pg_index.indexrelid::regclass) AS statement
FROM pg_index
JOIN pg_class ON pg_class.oid = pg_index.indexrelid
WHERE pg_index.indrelid = 'sage.embeddings'::regclass
    AND pg_class.relname LIKE 'embeddings\_hnsw\_%'
    AND NOT pg_index.indisvalid
    AND NOT EXISTS ( -- not NOT IN: what another user builds is shown without its name
        SELECT FROM pg_stat_progress_create_index
        WHERE pg_stat_progress_create_index.index_relid = pg_index.indexrelid
    );

-- distributed: list_broken_vector_indexes
-- Drop them on their nodes.
SELECT format('SELECT sage.run_on_node(%L, %s, %L)', node, port,
    format('DROP INDEX CONCURRENTLY IF EXISTS sage.%I', name)) AS statement
FROM sage.vector_indexes_of_nodes()
WHERE NOT is_ready AND NOT is_building;

-- name: list_vector_indexes
-- Write the statements that drop the indexes of a model.
SELECT format('DROP INDEX CONCURRENTLY IF EXISTS %s', pg_index.indexrelid::regclass) AS statement
FROM pg_index
JOIN pg_class ON pg_class.oid = pg_index.indexrelid
WHERE pg_index.indrelid = 'sage.embeddings'::regclass
    AND pg_class.relname LIKE format('embeddings\_hnsw\_%s\_%%', $1::smallint);

-- distributed: list_vector_indexes
-- Drop them on their nodes.
SELECT format('SELECT sage.run_on_node(%L, %s, %L)', node, port,
    format('DROP INDEX CONCURRENTLY IF EXISTS sage.%I', name)) AS statement
FROM sage.vector_indexes_of_nodes()
WHERE name LIKE format('embeddings\_hnsw\_%s\_%%', $1::smallint);

-- name: read_vector_indexes
-- Read the names of the indexes that are ready, each with about how many vectors the table has: more
-- than there can be where it was never analyzed.
SELECT
    pg_class.relname AS name,
    CASE WHEN embeddings.reltuples >= 0 THEN embeddings.reltuples ELSE 'infinity' END AS vectors
FROM pg_index
JOIN pg_class ON pg_class.oid = pg_index.indexrelid
JOIN pg_class AS embeddings ON embeddings.oid = pg_index.indrelid
WHERE pg_index.indrelid = 'sage.embeddings'::regclass
    AND pg_class.relname LIKE 'embeddings\_hnsw\_%'
    AND pg_index.indisvalid;

-- distributed: read_vector_indexes
-- Ask all nodes: each has the indexes of its spaces.
SELECT name, own_vectors, CASE WHEN vectors >= 0 THEN vectors ELSE 'infinity' END AS vectors
FROM sage.vector_indexes_of_nodes()
WHERE is_ready;

-- name: note_large_spaces
-- Note large spaces; those that nothing was known of count as searched now.
INSERT INTO sage.indexed_spaces (space_id) SELECT DISTINCT unnest($1::text[])
ON CONFLICT DO NOTHING;

-- name: note_searched_spaces
-- Note which of the large spaces were searched just now, once a day each; return those that were not on the day before.
UPDATE sage.indexed_spaces SET searched_at = now()
WHERE space_id = ANY ($1::text[]) AND searched_at < now() - interval '1 day'
RETURNING space_id;

-- name: list_idle_spaces
-- List the large spaces that were neither searched nor saved into for $1 days.
SELECT space_id FROM sage.indexed_spaces
WHERE searched_at < now() - make_interval(days => $1)
    AND NOT EXISTS (
        SELECT FROM sage.memories
        WHERE memories.space_id = indexed_spaces.space_id
            AND memories.saved_at >= now() - make_interval(days => $1) AND forgotten_at IS NULL
    );

-- distributed: list_idle_spaces
-- Ask each space on its node.
SELECT * FROM sage.list_idle_spaces($1) AS space_id;

-- name: list_vector_indexes_of
-- Write the statements that drop the indexes of the spaces $1, of all models.
SELECT format('DROP INDEX CONCURRENTLY IF EXISTS %s', pg_index.indexrelid::regclass) AS statement
FROM pg_index
JOIN pg_class ON pg_class.oid = pg_index.indexrelid
WHERE pg_index.indrelid = 'sage.embeddings'::regclass
    AND pg_class.relname LIKE 'embeddings\_hnsw\_%'
    AND right(pg_class.relname, 32) IN (SELECT md5(space_id) FROM unnest($1::text[]) AS space_id);

-- distributed: list_vector_indexes_of
-- Drop them on their nodes.
SELECT format('SELECT sage.run_on_node(%L, %s, %L)', node, port,
    format('DROP INDEX CONCURRENTLY IF EXISTS sage.%I', name)) AS statement
FROM sage.vector_indexes_of_nodes()
WHERE right(name, 32) IN (SELECT md5(space_id) FROM unnest($1::text[]) AS space_id);

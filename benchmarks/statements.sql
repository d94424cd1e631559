-- name: floor_session
-- Make a session, unless it is there.
INSERT INTO sage.sessions (space_id, session_id) VALUES ($1, $2) ON CONFLICT DO NOTHING;

-- name: floor_insert
-- Keep messages in a session and nothing else: the least a save can do.
INSERT INTO sage.memories (space_id, memory_id, session_id, role, content, created_at, lexemes)
SELECT $1, message.memory_id, $2, message.role, message.content, message.created_at,
    message.lexemes::tsvector
FROM unnest($3::uuid[], $4::text[], $5::text[], $6::timestamptz[], $7::text[])
    AS message (memory_id, role, content, created_at, lexemes);

-- name: forget_queue
-- Let no memory wait for its vector any more.
DELETE FROM sage.embedding_queue;

-- name: settle_tables
-- Clean up after many writes and let the planner look at the tables, as autovacuum does in time.
VACUUM (ANALYZE) sage.memories, sage.sessions, sage.session_days, sage.embeddings, sage.embedding_queue;

-- name: fill_queue
-- Let every memory wait for its vector.
INSERT INTO sage.embedding_queue (space_id, memory_id)
SELECT space_id, memory_id FROM sage.memories
ON CONFLICT DO NOTHING;

-- name: empty_queue
-- Let no memory wait for its vector any more, and leave no dead rows behind.
TRUNCATE sage.embedding_queue;

-- name: floor_nearest
-- Compare a vector with every vector of a space that passes the filters, and give the nearest
-- memories with their distances, by the best chunk of each.
SELECT memory_id, min(sage.vector_distance(embedding, $3)) AS distance
FROM sage.memories
JOIN sage.embeddings USING (space_id, memory_id)
WHERE space_id = $1 AND model_id = $2 AND forgotten_at IS NULL
    AND ($5::text IS NULL OR session_id = $5)
    AND ($6::text IS NULL OR role = $6)
    AND ($7::timestamptz IS NULL OR created_at >= $7)
    AND ($8::timestamptz IS NULL OR created_at < $8)
    AND ($9::jsonb IS NULL OR metadata @> $9)
    AND ($10::text IS NULL OR metadata ->> 'project' IS NULL OR metadata ->> 'project' = $10)
    AND ($11::text IS NULL OR author = $11)
    AND ($12 OR superseded_at IS NULL)
GROUP BY memory_id
ORDER BY distance, memory_id
LIMIT $4;

-- name: floor_distances
-- Tell how far memories are from a vector, by the best chunk of each.
SELECT memory_id, min(sage.vector_distance(embedding, $3)) AS distance
FROM sage.embeddings
WHERE space_id = $1 AND model_id = $2 AND memory_id = ANY ($4::uuid[])
GROUP BY memory_id;

-- name: count_vectors
-- Count the vectors of a model in a space, without those of forgotten memories.
SELECT count(*)
FROM sage.embeddings
JOIN sage.memories USING (space_id, memory_id)
WHERE space_id = $1 AND model_id = $2 AND forgotten_at IS NULL;

-- name: read_rows
-- Read all that an import has kept.
SELECT * FROM sage.memories;

-- name: make_bare_table
-- Make a table for the same rows, without indexes and constraints.
CREATE TABLE bare_memories AS SELECT * FROM sage.memories WITH NO DATA;

-- name: list_backends
-- Name the processes of the server that work for this database.
SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend';

-- name: drop_vectors
-- Take the vectors of a memory away, as if they were still to be made.
DELETE FROM sage.embeddings WHERE space_id = $1 AND memory_id = $2;

-- name: count_nearer
-- Count the memories of a space that are nearer to a vector than one of them is, that one too.
WITH compared AS (
    SELECT memory_id, min(sage.vector_distance(embedding, $2)) AS distance
    FROM sage.embeddings
    JOIN sage.memories USING (space_id, memory_id)
    WHERE space_id = $1 AND forgotten_at IS NULL
    GROUP BY memory_id
)
SELECT count(*) FROM compared
WHERE distance <= (SELECT distance FROM compared WHERE memory_id = $3);

-- name: list_builders
-- List the processes of the server that build an index in this database.
SELECT pid FROM pg_stat_progress_create_index WHERE datname = current_database();

-- name: blocks_read
-- Count the blocks that were looked at in this database, of its tables and indexes.
WITH flushed AS MATERIALIZED (SELECT pg_stat_force_next_flush() IS NOT NULL AS done)
SELECT blks_hit + blks_read FROM pg_stat_database, flushed WHERE datname = current_database();

-- name: relation_bytes
-- Return the bytes of all tables of Sage with their indexes.
SELECT sum(pg_total_relation_size(oid))::bigint FROM pg_class
WHERE relnamespace = 'sage'::regnamespace AND relkind = 'r';

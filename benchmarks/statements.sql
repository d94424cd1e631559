-- name: floor_session
-- Create a session, unless it exists.
INSERT INTO sage.sessions (space_id, session_id) VALUES ($1, $2) ON CONFLICT DO NOTHING;

-- name: floor_insert
-- Insert messages into a session and nothing else: the floor of a save.
INSERT INTO sage.memories (space_id, memory_id, session_id, role, content, created_at, lexemes)
SELECT $1, message.memory_id, $2, message.role, message.content, message.created_at,
    message.lexemes::tsvector
FROM unnest($3::uuid[], $4::text[], $5::text[], $6::timestamptz[], $7::text[])
    AS message (memory_id, role, content, created_at, lexemes);

-- name: forget_queue
-- Empty the embedding queue.
DELETE FROM sage.embedding_queue;

-- name: settle_tables
-- Vacuum and analyze after many writes, as autovacuum does eventually.
VACUUM (ANALYZE) sage.memories, sage.sessions, sage.session_days, sage.embeddings, sage.embedding_queue;

-- name: fill_queue
-- Queue every memory for embedding.
INSERT INTO sage.embedding_queue (space_id, memory_id)
SELECT space_id, memory_id FROM sage.memories
ON CONFLICT DO NOTHING;

-- name: empty_queue
-- Empty the embedding queue without leaving dead rows.
TRUNCATE sage.embedding_queue;

-- name: floor_nearest
-- Compare a vector with every vector of a space that passes the filters; return the nearest
-- memories and their distances, by the closest chunk of each.
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
-- Return the distances of memories from a vector, by the closest chunk of each.
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
-- Read all imported memories.
SELECT * FROM sage.memories;

-- name: make_bare_table
-- Create a table for the same rows, without indexes and constraints.
CREATE TABLE bare_memories AS SELECT * FROM sage.memories WITH NO DATA;

-- name: list_backends
-- Return the process ids of the backends of this database.
SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend';

-- name: drop_vectors
-- Delete the vectors of a memory, without queueing it.
DELETE FROM sage.embeddings WHERE space_id = $1 AND memory_id = $2;

-- name: count_nearer
-- Return the rank of a memory of a space by distance from a vector: 1 is the nearest.
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
-- Return the process ids of the backends that build an index in this database.
SELECT pid FROM pg_stat_progress_create_index WHERE datname = current_database();

-- name: blocks_read
-- Return the number of blocks read in this database, of tables and indexes, from cache or not.
WITH flushed AS MATERIALIZED (SELECT pg_stat_force_next_flush() IS NOT NULL AS done)
SELECT blks_hit + blks_read FROM pg_stat_database, flushed WHERE datname = current_database();

-- name: relation_bytes
-- Return the size of all tables of Sage with their indexes, in bytes.
SELECT sum(pg_total_relation_size(oid))::bigint FROM pg_class
WHERE relnamespace = 'sage'::regnamespace AND relkind = 'r';

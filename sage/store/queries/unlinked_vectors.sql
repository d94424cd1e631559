-- name: list_indexed_spaces
-- List the spaces with a ready index over the vectors of a model, and the length of these.
WITH RECURSIVE
    -- include: distinct_spaces
SELECT spaces.space_id, embedding_models.dimensions
FROM spaces
JOIN sage.embedding_models ON embedding_models.model_id = $1::smallint
JOIN pg_class ON pg_class.relname = format('embeddings_hnsw_%s_%s', $1, md5(spaces.space_id))
JOIN pg_index ON pg_index.indexrelid = pg_class.oid
WHERE pg_index.indrelid = 'sage.embeddings'::regclass AND pg_index.indisvalid;

-- distributed: list_indexed_spaces
-- Ask all nodes: each has the indexes of its spaces.
SELECT spaces.id AS space_id, embedding_models.dimensions
FROM sage.spaces
JOIN sage.embedding_models ON embedding_models.model_id = $1::smallint
WHERE format('embeddings_hnsw_%s_%s', $1, md5(spaces.id)) = ANY (ARRAY(
    SELECT name FROM sage.vector_indexes_of_nodes() WHERE is_ready
));

-- name: try_lock_walk
-- Take the lock for walking the index of a space until the end of the transaction; no row while another
-- has it. Any number will do, if every Sage takes the same one.
SELECT WHERE pg_try_advisory_xact_lock(1700950, hashtext($1));

-- name: record_unlinked_vectors
-- Walk the index of a space over vectors of length $3 to its end, which the transaction's settings make
-- the planner do. Record the vectors that the walk does not come to, in place of those recorded before,
-- unless they are more than a share of $4: then it was cut short. Count them.
WITH reached AS MATERIALIZED (
    SELECT memory_id, chunk
    FROM sage.embeddings
    WHERE space_id = $1 AND model_id = $2
    ORDER BY sage.vector_distance(
        sage.vector_of_length(embedding, $3),
        (SELECT embedding FROM sage.embeddings WHERE space_id = $1 AND model_id = $2 LIMIT 1)
    )
), unlinked AS MATERIALIZED (
    SELECT memory_id, chunk
    FROM sage.embeddings
    WHERE space_id = $1 AND model_id = $2
        AND NOT EXISTS ( -- not NOT IN, which is hashed only while what was reached fits into work_mem
            SELECT FROM reached
            WHERE reached.memory_id = embeddings.memory_id AND reached.chunk = embeddings.chunk
        )
), trusted AS MATERIALIZED (
    SELECT (SELECT count(*) FROM unlinked) <= $4::float8 * (SELECT count(*) FROM reached) AS yes
), linked_again AS (
    DELETE FROM sage.unlinked_embeddings
    WHERE space_id = $1 AND model_id = $2 AND (SELECT yes FROM trusted)
        AND NOT EXISTS (
            SELECT FROM unlinked
            WHERE unlinked.memory_id = unlinked_embeddings.memory_id
                AND unlinked.chunk = unlinked_embeddings.chunk
        )
), recorded AS (
    INSERT INTO sage.unlinked_embeddings (space_id, memory_id, model_id, chunk)
    SELECT $1, memory_id, $2, chunk FROM unlinked WHERE (SELECT yes FROM trusted)
    ON CONFLICT DO NOTHING
)
SELECT count(*) FROM unlinked WHERE (SELECT yes FROM trusted);

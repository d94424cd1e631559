-- name: find_model
-- Find the id of a model's vector space.
SELECT model_id FROM sage.embedding_models WHERE provider = $1 AND name = $2 AND dimensions = $3;

-- name: add_model
-- Give a model's vector space an id, unless another process did so first.
INSERT INTO sage.embedding_models (provider, name, dimensions) VALUES ($1, $2, $3)
ON CONFLICT DO NOTHING
RETURNING model_id;

-- name: model_dimensions
-- Tell how many numbers a vector of the model has.
SELECT dimensions FROM sage.embedding_models WHERE model_id = $1;

-- name: find_canary
-- Find a memory that the model took in whole, in at most so many characters, with its vector.
SELECT content, embedding
FROM sage.embeddings JOIN sage.memories USING (space_id, memory_id)
WHERE model_id = $1 AND chunk = 0 AND starts_at = 0 AND ends_at <= $2
    AND ends_at = length(content) AND forgotten_at IS NULL
LIMIT 1;

-- name: store_vectors
-- Write vectors, over earlier ones of the same chunk; memories deleted meanwhile are passed over,
-- as is what was cut of a text that has become shorter. Memories are locked in the order of their ids, and before the
-- foreign keys would: one that is just being deleted is waited for and then passed over.
INSERT INTO sage.embeddings (space_id, memory_id, model_id, chunk, starts_at, ends_at, embedding)
SELECT vector.space_id, vector.memory_id, $1, vector.chunk, vector.starts_at, vector.ends_at,
    vector.embedding
FROM unnest($2::text[], $3::uuid[], $4::smallint[], $5::integer[], $6::integer[], $7::sage.half_vector[])
    AS vector (space_id, memory_id, chunk, starts_at, ends_at, embedding)
JOIN sage.memories USING (space_id, memory_id)
WHERE vector.ends_at <= length(content)
ORDER BY vector.space_id, vector.memory_id, vector.chunk
FOR KEY SHARE OF memories
ON CONFLICT (space_id, memory_id, model_id, chunk) DO UPDATE
SET starts_at = excluded.starts_at, ends_at = excluded.ends_at, embedding = excluded.embedding;

-- distributed: store_vectors
-- Go by spaces: each has its node.
SELECT sage.store_vectors(
    $1::smallint, $2::text[], $3::uuid[], $4::smallint[], $5::integer[], $6::integer[], $7::sage.half_vector[]
);

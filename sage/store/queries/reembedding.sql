-- name: try_lock_reembedding
-- Take the lock for re-embedding until the end of the transaction; no row while another has it. Any number
-- will do, if every Sage takes the same one.
SELECT WHERE pg_try_advisory_xact_lock(7308604898146216);

-- name: count_embedded
-- Count the memories with vectors of a model and those without; what is forgotten or gets none does not count.
SELECT count(embedded.memory_id) AS embedded, count(*) - count(embedded.memory_id) AS unembedded
FROM sage.memories
LEFT JOIN (SELECT DISTINCT space_id, memory_id FROM sage.embeddings WHERE model_id = $1) AS embedded
    USING (space_id, memory_id)
WHERE forgotten_at IS NULL AND NOT EXISTS (
    SELECT FROM sage.memory_classes
    WHERE memory_classes.space_id = memories.space_id AND memory_classes.memory_id = memories.memory_id
        AND NOT sage.is_embedded(class, extent)
);

-- name: page_of_texts
-- Read so many memories from a key on, with their texts where they lack vectors of a model that they are to get, and
-- how much of these gets some.
SELECT space_id, memory_id, coalesce((
    SELECT extent FROM sage.memory_classes
    WHERE memory_classes.space_id = memories.space_id AND memory_classes.memory_id = memories.memory_id
), 0) AS extent, CASE WHEN NOT EXISTS (
    SELECT FROM sage.embeddings
    WHERE embeddings.space_id = memories.space_id AND embeddings.memory_id = memories.memory_id
        AND embeddings.model_id = $1
) AND NOT EXISTS (
    SELECT FROM sage.memory_classes
    WHERE memory_classes.space_id = memories.space_id AND memory_classes.memory_id = memories.memory_id
        AND NOT sage.is_embedded(class, extent)
) THEN content END AS content
FROM sage.memories
WHERE (space_id, memory_id) > ($2, $3) AND forgotten_at IS NULL
ORDER BY space_id, memory_id
LIMIT $4;

-- name: list_other_models
-- List the models that are not active, with what they are called.
SELECT model_id, provider, name, dimensions
FROM sage.embedding_models
WHERE model_id <> (SELECT model_id FROM sage.active_model)
ORDER BY model_id;

-- name: list_newer_models
-- List the models that are not active, the latest last, and whether each came after the active one.
SELECT embedding_models.model_id, provider, name, dimensions,
    embedding_models.model_id > active.model_id AS is_newer
FROM sage.embedding_models
CROSS JOIN (SELECT model_id FROM sage.active_model) AS active (model_id)
WHERE embedding_models.model_id <> active.model_id
ORDER BY embedding_models.model_id;

-- name: delete_vectors
-- Delete the vectors of a model that is not active, those of so many memories from a key on; count
-- them and tell the last of these memories. No row after the last of all.
WITH page AS (
    SELECT space_id, memory_id FROM sage.memories
    WHERE (space_id, memory_id) > ($2, $3)
    ORDER BY space_id, memory_id
    LIMIT $4
), last AS (
    SELECT space_id, memory_id FROM page ORDER BY space_id DESC, memory_id DESC LIMIT 1
), deleted AS (
    DELETE FROM sage.embeddings USING last
    WHERE (embeddings.space_id, embeddings.memory_id) > ($2, $3)
        AND (embeddings.space_id, embeddings.memory_id) <= (last.space_id, last.memory_id)
        AND model_id = $1 AND model_id <> (SELECT model_id FROM sage.active_model)
    RETURNING 1
)
SELECT (SELECT count(*) FROM deleted) AS vectors, space_id, memory_id FROM last;

-- name: delete_model
-- Forget a model that has no vectors any more.
DELETE FROM sage.embedding_models WHERE model_id = $1;

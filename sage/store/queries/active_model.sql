-- name: init_active_model
-- Activate a model where none is active yet.
INSERT INTO sage.active_model (model_id) VALUES ($1) ON CONFLICT DO NOTHING;

-- name: read_active_model
-- Tell which model is active, since when, and how long that is by the clock of the database.
SELECT model_id, provider, name, dimensions, active_since,
    extract(epoch FROM now() - active_since)::float8 AS active_for_s
FROM sage.active_model JOIN sage.embedding_models USING (model_id);

-- name: lock_active_model_shared
-- Tell which model is active, and keep it from changing until the end of the transaction.
SELECT model_id FROM sage.active_model FOR SHARE;

-- distributed: lock_active_model_shared
-- Lock it on the coordinator alone.
SELECT sage.lock_active_model(false) AS model_id;

-- name: lock_active_model
-- Tell which model is active, and keep everyone from storing its vectors until the transaction ends.
SELECT model_id FROM sage.active_model FOR UPDATE;

-- distributed: lock_active_model
-- Lock it on the coordinator alone.
SELECT sage.lock_active_model(true) AS model_id;

-- name: has_vectors
-- Tell whether there is any vector of a model.
SELECT EXISTS (SELECT 1 FROM sage.embeddings WHERE model_id = $1);

-- name: set_active_model
-- Activate a model, unless it is active already.
UPDATE sage.active_model SET model_id = $1, active_since = now() WHERE model_id <> $1;

-- name: complete_embedded
-- Take away rows whose memories have vectors of the model, also those given up with another.
DELETE FROM sage.embedding_queue AS waiting
WHERE EXISTS (
    SELECT FROM sage.embeddings
    WHERE embeddings.space_id = waiting.space_id AND embeddings.memory_id = waiting.memory_id
        AND embeddings.model_id = $1
);

-- name: enqueue_unembedded
-- Queue every ranked memory without vectors of the model, those the model refused as given up; count both.
-- The forgotten are queued when they are brought back.
WITH queued AS (
    INSERT INTO sage.embedding_queue AS waiting (space_id, memory_id, failed_at, last_error)
    SELECT space_id, memory_id, CASE WHEN refusal.reason IS NOT NULL THEN now() END, refusal.reason
    FROM sage.memories
    LEFT JOIN unnest($2::text[], $3::uuid[], $4::text[]) AS refusal (space_id, memory_id, reason)
        USING (space_id, memory_id)
    WHERE forgotten_at IS NULL AND NOT EXISTS (
        SELECT FROM sage.embeddings
        WHERE embeddings.space_id = memories.space_id AND embeddings.memory_id = memories.memory_id
            AND embeddings.model_id = $1
    ) AND NOT EXISTS (
        SELECT FROM sage.memory_classes
        WHERE memory_classes.space_id = memories.space_id AND memory_classes.memory_id = memories.memory_id
            AND NOT sage.is_embedded(class, extent)
    )
    ORDER BY space_id, memory_id
    ON CONFLICT (space_id, memory_id) DO UPDATE
    SET due_at = excluded.due_at, attempts = 0, deliveries = 0, failed_at = excluded.failed_at,
        last_error = excluded.last_error
    RETURNING failed_at
)
SELECT count(*) FILTER (WHERE failed_at IS NULL) AS pending,
    count(*) FILTER (WHERE failed_at IS NOT NULL) AS failed
FROM queued;

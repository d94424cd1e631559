-- name: find_masking
-- Tell of those spaces where it is set whether secrets are masked in them.
SELECT id, masking = 'on' AS masks FROM sage.spaces WHERE id = ANY ($1::text[]) AND masking <> 'default';

-- name: count_stored
-- Count the memories of a space, or of all, the forgotten too.
SELECT count(*) FROM sage.memories WHERE $1::text IS NULL OR space_id = $1;

-- name: page_of_memories
-- Read so many memories of a space, or of all, from a key on, the forgotten too.
SELECT space_id, memory_id, role, name, content, created_at, metadata
FROM sage.memories
WHERE (space_id, memory_id) > ($1, $2) AND ($4::text IS NULL OR space_id = $4)
ORDER BY space_id, memory_id
LIMIT $3;

-- name: replace_texts
-- Change what memories say. Their vectors are deleted and, unless they are forgotten or not ranked, made anew:
-- the row in the queue is due, whoever had leased it. Of the answers to their saves, those without an
-- idempotency key are deleted, and the others hold for any body from now on.
WITH given AS (
    SELECT * FROM unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::text[])
        AS text (space_id, memory_id, content, metadata, lexemes)
), changed AS (
    UPDATE sage.memories
    SET content = given.content, metadata = given.metadata::jsonb,
        lexemes = given.lexemes::tsvector
    FROM given
    WHERE memories.space_id = given.space_id AND memories.memory_id = given.memory_id
    RETURNING memories.space_id, memories.memory_id, memories.forgotten_at
), unembedded AS (
    DELETE FROM sage.embeddings USING changed
    WHERE embeddings.space_id = changed.space_id AND embeddings.memory_id = changed.memory_id
), queued AS (
    INSERT INTO sage.embedding_queue (space_id, memory_id)
    SELECT space_id, memory_id FROM changed
    WHERE forgotten_at IS NULL AND NOT EXISTS (
        SELECT FROM sage.memory_classes
        WHERE memory_classes.space_id = changed.space_id AND memory_classes.memory_id = changed.memory_id
            AND NOT sage.is_embedded(class, extent)
    )
    ON CONFLICT (space_id, memory_id) DO UPDATE
    SET due_at = excluded.due_at, attempts = 0, deliveries = 0, failed_at = NULL, last_error = NULL
), kept AS (
    UPDATE sage.saves SET body_digest = ''
    WHERE retry_key LIKE 'key:%' AND memory_ids && $2::uuid[]
), gone AS (
    DELETE FROM sage.saves WHERE retry_key NOT LIKE 'key:%' AND memory_ids && $2::uuid[]
)
SELECT count(*) FROM changed;

-- distributed: replace_texts
-- Go by spaces: each has its node.
SELECT sage.replace_texts($1::text[], $2::uuid[], $3::text[], $4::text[], $5::text[]);

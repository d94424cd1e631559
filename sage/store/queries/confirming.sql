-- name: confirm_memories
-- Keep of memories that they still hold, by $3, or with $4 false that nobody says so; what is forgotten stays as it is.
WITH wanted AS (
    SELECT memory_id FROM sage.memories
    WHERE space_id = $1 AND memory_id = ANY ($2::uuid[]) AND forgotten_at IS NULL
    ORDER BY memory_id
    FOR NO KEY UPDATE
)
UPDATE sage.memories
SET confirmed_at = CASE WHEN $4 THEN now() END, confirmed_by = CASE WHEN $4 THEN $3::text END
FROM wanted
WHERE memories.space_id = $1 AND memories.memory_id = wanted.memory_id
RETURNING memories.memory_id, memories.confirmed_at, memories.confirmed_by;

-- name: name_no_confirmer
-- Name somebody no more as who confirmed memories of a space.
UPDATE sage.memories SET confirmed_by = NULL
WHERE space_id = $1 AND confirmed_at IS NOT NULL AND confirmed_by = $2;

-- name: find_replaceable
-- Find those of the given memories that are there and not forgotten.
SELECT memory_id FROM sage.memories
WHERE space_id = $1 AND memory_id = ANY ($2::uuid[]) AND forgotten_at IS NULL;

-- name: is_replaced
-- Tell whether any of the given memories replaces another, or is replaced.
SELECT EXISTS (
    SELECT FROM sage.replacements
    WHERE space_id = $1 AND (memory_id = ANY ($2::uuid[]) OR replaced_id = ANY ($2::uuid[]))
);

-- name: settle_superseded
-- Tell anew of the given memories, or of a session, and of what they replace, whether a memory
-- that is not forgotten replaces them. Rows are locked in the order of their ids.
WITH changed AS (
    SELECT memory_id FROM sage.memories
    WHERE space_id = $1 AND (memory_id = ANY ($2::uuid[]) OR session_id = $3)
), touched AS (
    SELECT replaced_id AS memory_id
    FROM sage.replacements JOIN changed USING (memory_id)
    WHERE space_id = $1
    UNION
    SELECT memory_id FROM changed
), locked AS (
    SELECT memory_id, superseded_at FROM sage.memories
    WHERE space_id = $1 AND memory_id IN (SELECT memory_id FROM touched)
    ORDER BY memory_id
    FOR NO KEY UPDATE
), settled AS (
    SELECT memory_id, superseded_at IS NOT NULL AS was_superseded, EXISTS (
        SELECT FROM sage.replacements
        JOIN sage.memories AS newer USING (space_id, memory_id)
        WHERE replacements.space_id = $1 AND replaced_id = locked.memory_id
            AND newer.forgotten_at IS NULL
    ) AS is_superseded
    FROM locked
)
UPDATE sage.memories SET superseded_at = CASE WHEN is_superseded THEN now() END
FROM settled
WHERE memories.space_id = $1 AND memories.memory_id = settled.memory_id
    AND was_superseded <> is_superseded;

-- name: link_arrivals
-- Link what was copied in to what it replaces, in the file or here, and to what that replaces.
INSERT INTO sage.replacements (space_id, memory_id, replaced_id)
SELECT given.space_id, given.memory_id, given.replaced_id
FROM unnest($1::text[], $2::uuid[], $3::uuid[]) AS given (space_id, memory_id, replaced_id)
JOIN sage.memories USING (space_id, memory_id)
WHERE given.memory_id <> given.replaced_id
ON CONFLICT DO NOTHING;

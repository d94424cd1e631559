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
-- that is not forgotten replaces them. Rows are locked in the order of their ids. Arrays and sub-selects
-- stand in for joins, which would read the whole space for each memory where it was filled since it was last
-- analyzed.
WITH changed AS (
    SELECT memory_id FROM sage.memories
    WHERE space_id = $1 AND (memory_id = ANY ($2::uuid[]) OR session_id = $3)
), touched AS (
    SELECT replaced_id AS memory_id
    FROM sage.replacements
    WHERE space_id = $1 AND memory_id = ANY (ARRAY(SELECT memory_id FROM changed))
    UNION
    SELECT memory_id FROM changed
), locked AS (
    SELECT memory_id, superseded_at FROM sage.memories
    WHERE space_id = $1 AND memory_id = ANY (ARRAY(SELECT memory_id FROM touched))
    ORDER BY memory_id
    FOR NO KEY UPDATE
), settled AS (
    SELECT memory_id, superseded_at IS NOT NULL AS was_superseded, EXISTS (
        SELECT FROM sage.replacements
        WHERE space_id = $1 AND replaced_id = locked.memory_id AND (
            SELECT forgotten_at IS NULL FROM sage.memories AS newer
            WHERE newer.space_id = $1 AND newer.memory_id = replacements.memory_id
        )
    ) AS is_superseded
    FROM locked
)
UPDATE sage.memories SET superseded_at = CASE WHEN superseded_at IS NULL THEN now() END
WHERE space_id = $1
    AND memory_id = ANY (ARRAY(SELECT memory_id FROM settled WHERE was_superseded <> is_superseded))
RETURNING memory_id;

-- distributed: settle_superseded
-- Do so on the node of the space.
SELECT memory_id FROM sage.settle_superseded($1, $2::uuid[], $3) AS settled (memory_id);

-- name: link_arrivals
-- Link what was copied in to what it replaces, in the file or here, and to what that replaces.
INSERT INTO sage.replacements (space_id, memory_id, replaced_id)
SELECT given.space_id, given.memory_id, given.replaced_id
FROM unnest($1::text[], $2::uuid[], $3::uuid[]) AS given (space_id, memory_id, replaced_id)
JOIN sage.memories USING (space_id, memory_id)
WHERE given.memory_id <> given.replaced_id
ON CONFLICT DO NOTHING;

-- distributed: link_arrivals
-- Go by spaces: each has its node.
SELECT sage.link_arrivals($1::text[], $2::uuid[], $3::uuid[]);

-- name: find_correction
-- Find a memory that is not forgotten, replaces $2, and says $3.
SELECT memory_id FROM sage.replacements
JOIN sage.memories USING (space_id, memory_id)
WHERE space_id = $1 AND replaced_id = $2 AND content = $3 AND forgotten_at IS NULL
ORDER BY arrival
LIMIT 1;

-- name: list_imports
-- List the latest imports, newest first: when each began, how many of its memories are there, and
-- of which sources.
SELECT import_id, min(saved_at) AS began_at, count(*) AS memories,
    array_remove(array_agg(DISTINCT metadata ->> 'source'), NULL) AS sources
FROM sage.memories
WHERE import_id IS NOT NULL
GROUP BY import_id
ORDER BY began_at DESC
LIMIT $1;

-- name: undo_import
-- Delete, at most so many, the memories that came with an import; return their sessions, and what they replaced.
WITH chosen AS (
    SELECT space_id, memory_id FROM sage.memories
    WHERE import_id = $1
    LIMIT $2
    FOR UPDATE
), deleted AS (
    DELETE FROM sage.memories
    USING chosen
    WHERE memories.space_id = chosen.space_id AND memories.memory_id = chosen.memory_id
    RETURNING memories.space_id, memories.session_id, memories.memory_id
)
SELECT space_id, session_id, memory_id,
    ARRAY(
        SELECT replaced_id FROM sage.replacements
        WHERE replacements.space_id = deleted.space_id
            AND replacements.memory_id = deleted.memory_id
    ) AS replaced
FROM deleted;

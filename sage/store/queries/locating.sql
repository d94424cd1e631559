-- name: read_details
-- Read a memory, forgotten or not, with all that is known about it: what it replaces and what replaces it now, whether
-- it has a vector of the model $3, its class, and what was said in reply to it.
SELECT memory_id, session_id, role, name, content, created_at,
    sage.with_current_project(space_id, metadata) AS metadata, superseded_at, saved_at AS kept_at, author,
    confirmed_at, confirmed_by, sage.source_of(source, import_id, metadata) AS source, forgotten_at,
    ARRAY(
        SELECT replaced_id FROM sage.replacements
        WHERE space_id = $1 AND memory_id = $2
        ORDER BY replaced_id
    ) AS replaces,
    ARRAY(
        SELECT newer.memory_id FROM sage.replacements
        JOIN sage.memories AS newer USING (space_id, memory_id)
        WHERE space_id = $1 AND replaced_id = $2 AND newer.forgotten_at IS NULL
        ORDER BY newer.memory_id
    ) AS superseded_by,
    EXISTS (
        SELECT FROM sage.embeddings WHERE space_id = $1 AND memory_id = $2 AND model_id = $3
    ) AS embedded,
    class, reply_id
FROM sage.memories
LEFT JOIN sage.memory_classes USING (space_id, memory_id)
WHERE space_id = $1 AND memory_id = $2;

-- name: memory_passes
-- Tell whether a memory passes filters: it is not of the classes $3 unless it was answered, and not older than $4.
SELECT EXISTS (
    SELECT FROM sage.memories
    WHERE space_id = $1 AND memory_id = $2
      AND ($4::timestamptz IS NULL OR created_at >= $4)
      -- include: passes_filters
      AND
      -- include: tells_something $3
);

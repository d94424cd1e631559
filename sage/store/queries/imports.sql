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

-- name: list_imports_of
-- List the latest imports of a space, newest first: all, or those of an author; one, or so many. The index leads from one
-- id to the next, whoever chose these, and to when each began; only those that are listed are counted. The sources are
-- those of the first 1,000.
WITH RECURSIVE known AS (
    (
        SELECT import_id FROM sage.memories
        WHERE space_id = $1 AND import_id IS NOT NULL AND ($4::uuid IS NULL OR import_id = $4)
        ORDER BY import_id DESC
        LIMIT 1
    )
    UNION ALL
    SELECT (
        SELECT memories.import_id FROM sage.memories
        WHERE space_id = $1 AND memories.import_id < known.import_id
        ORDER BY memories.import_id DESC
        LIMIT 1
    )
    FROM known
    WHERE known.import_id IS NOT NULL AND $4::uuid IS NULL
), latest AS MATERIALIZED (
    SELECT known.import_id
    FROM known
    CROSS JOIN LATERAL (
        SELECT saved_at FROM sage.memories
        WHERE space_id = $1 AND import_id = known.import_id
            AND ($2 OR author IS NOT DISTINCT FROM $3::text)
        ORDER BY author, saved_at
        LIMIT 1
    ) AS first
    ORDER BY first.saved_at DESC
    LIMIT $5
)
SELECT latest.import_id, part.began_at, part.memories, part.author, ARRAY(
    SELECT DISTINCT said.metadata ->> 'source'
    FROM (
        SELECT metadata FROM sage.memories
        WHERE space_id = $1 AND import_id = latest.import_id
            AND author IS NOT DISTINCT FROM part.author
        LIMIT 1000
    ) AS said
    WHERE said.metadata ->> 'source' IS NOT NULL
    ORDER BY 1
) AS sources
FROM latest
CROSS JOIN LATERAL (
    SELECT author, min(saved_at) AS began_at, count(*) AS memories
    FROM sage.memories
    WHERE space_id = $1 AND import_id = latest.import_id
        AND ($2 OR author IS NOT DISTINCT FROM $3::text)
    GROUP BY author
) AS part
ORDER BY part.began_at DESC
LIMIT $5;

-- name: find_importers
-- Read whether an import has memories of others than an author in a space.
SELECT bool_or(author IS DISTINCT FROM $3::text) FROM sage.memories
WHERE space_id = $1 AND import_id = $2;

-- name: find_known_ids
-- Return those of the ids that memories of a space have, also forgotten ones.
SELECT memory_id FROM sage.memories WHERE space_id = $1 AND memory_id = ANY($2::uuid[]);

-- name: undo_import
-- Delete, at most so many, the memories that came with an import, in a space or in all, by an author or by anybody;
-- return their sessions, and what they replaced. They are locked in the order of their ids, as `store_vectors` does.
WITH found AS MATERIALIZED (
    SELECT space_id, memory_id FROM sage.memories
    WHERE import_id = $1
        AND ($3::text IS NULL OR space_id = $3)
        AND ($4 OR author IS NOT DISTINCT FROM $5::text)
    LIMIT $2
), chosen AS (
    SELECT memories.space_id, memories.memory_id
    FROM found
    JOIN sage.memories USING (space_id, memory_id)
    ORDER BY memories.space_id, memories.memory_id
    FOR UPDATE OF memories
), deleted AS (
    DELETE FROM sage.memories
    USING chosen
    WHERE memories.space_id = chosen.space_id AND memories.memory_id = chosen.memory_id
    RETURNING memories.space_id, memories.session_id, memories.memory_id
),
    -- include: checks_planned_once
SELECT space_id, session_id, memory_id,
    ARRAY(
        SELECT replaced_id FROM sage.replacements
        WHERE replacements.space_id = deleted.space_id
            AND replacements.memory_id = deleted.memory_id
    ) AS replaced
FROM deleted
CROSS JOIN planning;

-- distributed: undo_import
-- Go by spaces: each has its node.
SELECT space_id, session_id, memory_id, replaced FROM sage.undo_import($1, $2, $3, $4, $5);

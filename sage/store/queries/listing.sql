-- fragment: arrival_before
-- The arrival of the memory $3 that the page before ended with. Where it is gone, or there was none,
-- the page begins with all of its time: it repeats some rather than leave some out.
coalesce(
    (SELECT arrival FROM sage.memories WHERE space_id = $1 AND memory_id = $3::uuid),
    9223372036854775807
);

-- fragment: first_of_message
-- Of a message that hooks or an import split for its length the first part stands for all.
NOT EXISTS (
    SELECT FROM sage.memory_classes AS part
    WHERE part.space_id = memories.space_id AND part.memory_id = memories.memory_id AND part.extent > 2
    OFFSET 0 -- Otherwise the parts of the whole space may be read for a page.
)

-- fragment: later_parts
-- Count the parts for which the first one stands in lists, of a space $n. Those that are there are looked up.
(
    SELECT count(*) FROM sage.memory_classes AS part
    WHERE part.space_id = $n AND extent > 2 AND (
        SELECT true FROM sage.memories
        WHERE memories.space_id = $n AND memories.memory_id = part.memory_id AND forgotten_at IS NULL
    )
)

-- name: list_memories
-- Find one page of the memories of a space, the newest first: their ids, positions and sizes.
SELECT memory_id, created_at, octet_length(content) AS size_bytes
FROM sage.memories
WHERE space_id = $1 AND forgotten_at IS NULL AND (created_at, arrival) < (
    $2,
    -- include: arrival_before
) AND
    -- include: first_of_message
ORDER BY created_at DESC, arrival DESC
LIMIT $4;

-- name: list_session
-- Find one page of the memories of a session, in its order: their ids, positions and sizes.
SELECT memory_id, created_at, octet_length(content) AS size_bytes
FROM sage.memories
WHERE space_id = $1 AND session_id = $2 AND forgotten_at IS NULL AND (created_at, arrival) > (
    $3,
    coalesce((SELECT arrival FROM sage.memories WHERE space_id = $1 AND memory_id = $4::uuid), 0)
) AND
    -- include: first_of_message
ORDER BY created_at, arrival
LIMIT $5;

-- name: list_sessions
-- Read one page of the sessions of a space, the one with the latest message first. Memories are
-- walked from the newest on; each that is the last of its session stands for it.
WITH page AS MATERIALIZED (
    SELECT session_id, created_at AS last_at, arrival, memory_id
    FROM sage.memories AS latest
    WHERE space_id = $1 AND forgotten_at IS NULL AND (created_at, arrival) < (
            $2,
            -- include: arrival_before
        )
        AND NOT EXISTS (
            SELECT FROM sage.memories AS later
            WHERE later.space_id = $1 AND later.session_id = latest.session_id
                AND (later.created_at, later.arrival) > (latest.created_at, latest.arrival)
                AND later.forgotten_at IS NULL
        )
    ORDER BY created_at DESC, arrival DESC
    LIMIT $4
)
SELECT page.session_id, counted.memories, opening.first_at, page.last_at, opening.preview,
    page.memory_id
FROM page
CROSS JOIN LATERAL (
    SELECT count(*) AS memories
    FROM sage.memories
    WHERE space_id = $1 AND session_id = page.session_id AND forgotten_at IS NULL AND
        -- include: first_of_message
) AS counted
CROSS JOIN LATERAL (
    SELECT created_at AS first_at, left(content, $5) AS preview
    FROM sage.memories
    WHERE space_id = $1 AND session_id = page.session_id AND forgotten_at IS NULL
    ORDER BY created_at, arrival
    LIMIT 1
) AS opening
ORDER BY page.last_at DESC, page.arrival DESC;

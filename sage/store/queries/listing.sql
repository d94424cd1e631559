-- name: list_memories
-- Find one page of the memories of a space, the newest first: their ids, positions and sizes.
SELECT memory_id, created_at, arrival, octet_length(content) AS size_bytes
FROM sage.memories
WHERE space_id = $1 AND (created_at, arrival) < ($2, $3) AND forgotten_at IS NULL
ORDER BY created_at DESC, arrival DESC
LIMIT $4;

-- name: list_session
-- Find one page of the memories of a session, in its order: their ids, positions and sizes.
SELECT memory_id, created_at, arrival, octet_length(content) AS size_bytes
FROM sage.memories
WHERE space_id = $1 AND session_id = $2 AND (created_at, arrival) > ($3, $4)
    AND forgotten_at IS NULL
ORDER BY created_at, arrival
LIMIT $5;

-- name: list_sessions
-- Read one page of the sessions of a space, the one with the latest message first. Memories are
-- walked from the newest on; each that is the last of its session stands for it.
WITH page AS MATERIALIZED (
    SELECT session_id, created_at AS last_at, arrival
    FROM sage.memories AS latest
    WHERE space_id = $1 AND (created_at, arrival) < ($2, $3) AND forgotten_at IS NULL
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
    page.arrival
FROM page
CROSS JOIN LATERAL (
    SELECT count(*) AS memories
    FROM sage.memories
    WHERE space_id = $1 AND session_id = page.session_id AND forgotten_at IS NULL
) AS counted
CROSS JOIN LATERAL (
    SELECT created_at AS first_at, left(content, $5) AS preview
    FROM sage.memories
    WHERE space_id = $1 AND session_id = page.session_id AND forgotten_at IS NULL
    ORDER BY created_at, arrival
    LIMIT 1
) AS opening
ORDER BY page.last_at DESC, page.arrival DESC;

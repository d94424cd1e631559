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
    WHERE part.space_id = $1 AND part.memory_id = memories.memory_id AND part.extent > 2
    OFFSET 0 -- Otherwise the parts of the whole space may be read for a page.
)

-- name: list_memories
-- Find one page of the memories of a space, the newest first: their ids, positions and sizes. Here and below the
-- time is compared by itself, too: an index is begun at that, and not at a time with an arrival.
SELECT memory_id, created_at, octet_length(content) AS size_bytes
FROM sage.memories
WHERE space_id = $1 AND forgotten_at IS NULL AND created_at <= $2 AND (created_at, arrival) < (
    $2,
    -- include: arrival_before
) AND
    -- include: first_of_message
ORDER BY created_at DESC, arrival DESC
LIMIT $4;

-- name: list_memories_back
-- Find the page of the memories of a space that ends before a position, the nearest to it first.
SELECT memory_id, created_at, octet_length(content) AS size_bytes
FROM sage.memories
WHERE space_id = $1 AND forgotten_at IS NULL AND created_at >= $2 AND (created_at, arrival) > (
    $2,
    coalesce((SELECT arrival FROM sage.memories WHERE space_id = $1 AND memory_id = $3::uuid), 0)
) AND
    -- include: first_of_message
ORDER BY created_at, arrival
LIMIT $4;

-- name: list_matching
-- Find one page of the memories of a space that pass the filters $5 to $12, the newest first.
SELECT memory_id, created_at, octet_length(content) AS size_bytes
FROM sage.visible_memories AS memories
WHERE space_id = $1 AND forgotten_at IS NULL AND (created_at, arrival) < (
    $2,
    -- include: arrival_before
) AND
    -- include: first_of_message
-- include: passes_filters
ORDER BY created_at DESC, arrival DESC
LIMIT $4;

-- name: list_matching_back
-- Find the page of the memories that pass the filters which ends before a position, the nearest to it first.
SELECT memory_id, created_at, octet_length(content) AS size_bytes
FROM sage.visible_memories AS memories
WHERE space_id = $1 AND forgotten_at IS NULL AND (created_at, arrival) > (
    $2,
    coalesce((SELECT arrival FROM sage.memories WHERE space_id = $1 AND memory_id = $3::uuid), 0)
) AND
    -- include: first_of_message
-- include: passes_filters
ORDER BY created_at, arrival
LIMIT $4;

-- name: list_kept
-- Find one page of the memories of a space that arrived from $5 on and before $6, what arrived last first.
SELECT memory_id, saved_at AS kept_at, octet_length(content) AS size_bytes
FROM sage.memories
WHERE space_id = $1 AND forgotten_at IS NULL AND saved_at >= $5 AND saved_at < $6 AND saved_at <= $2
    AND (saved_at, arrival) < (
    $2,
    -- include: arrival_before
) AND
    -- include: first_of_message
ORDER BY saved_at DESC, arrival DESC
LIMIT $4;

-- name: list_kept_back
-- Find the page of the memories that arrived in a time that ends before a position, the nearest to it first.
SELECT memory_id, saved_at AS kept_at, octet_length(content) AS size_bytes
FROM sage.memories
WHERE space_id = $1 AND forgotten_at IS NULL AND saved_at >= $5 AND saved_at < $6 AND saved_at >= $2
    AND (saved_at, arrival) > (
    $2,
    coalesce((SELECT arrival FROM sage.memories WHERE space_id = $1 AND memory_id = $3::uuid), 0)
) AND
    -- include: first_of_message
ORDER BY saved_at, arrival
LIMIT $4;

-- name: list_session
-- Find one page of the memories of a session, in its order: their ids, positions and sizes.
SELECT memory_id, created_at, octet_length(content) AS size_bytes
FROM sage.memories
WHERE space_id = $1 AND session_id = $2 AND forgotten_at IS NULL AND created_at >= $3
    AND (created_at, arrival) > (
    $3,
    coalesce((SELECT arrival FROM sage.memories WHERE space_id = $1 AND memory_id = $4::uuid), 0)
) AND
    -- include: first_of_message
ORDER BY created_at, arrival
LIMIT $5;

-- name: list_session_back
-- Find the page of the memories of a session that ends before a position, the last one first.
SELECT memory_id, created_at, octet_length(content) AS size_bytes
FROM sage.memories
WHERE space_id = $1 AND session_id = $2 AND forgotten_at IS NULL AND created_at <= $3
    AND (created_at, arrival) < (
    $3,
    coalesce(
        (SELECT arrival FROM sage.memories WHERE space_id = $1 AND memory_id = $4::uuid),
        9223372036854775807
    )
) AND
    -- include: first_of_message
ORDER BY created_at DESC, arrival DESC
LIMIT $5;

-- name: find_in_session
-- Find when a memory of a session was said that is not forgotten.
SELECT created_at FROM sage.memories
WHERE space_id = $1 AND session_id = $2 AND memory_id = $3 AND forgotten_at IS NULL;

-- fragment: fits_session
-- Require that on the day $n something was said from $2 on and before $3, in a project of the names $4, from a source or
-- client $5, by $6. Where the day has something before and after that time, its messages are looked at.
$n.day BETWEEN sage.utc_day($2) AND sage.utc_day($3)
AND $n.last_at >= $2 AND $n.first_at < $3
AND ($n.first_at >= $2 OR $n.last_at < $3 OR (
    SELECT created_at < $3
    FROM sage.memories
    WHERE space_id = $1 AND session_id = $n.session_id AND forgotten_at IS NULL AND created_at >= $2
    ORDER BY created_at, arrival
    LIMIT 1
))
AND ($4::text[] IS NULL OR $n.project = ANY ($4))
AND ($5::text IS NULL OR $5 IN (coalesce($n.source, 'unknown'), sage.client_of($n.source)))
AND ($6::text IS NULL OR $n.author = $6)

-- fragment: latest_of_session
-- Walk over what was said in sessions, day by day: each session stands where it was said last.
SELECT latest.session_id, latest.last_at AS placed_at, md5(latest.session_id)::uuid AS place
FROM sage.session_days AS latest
WHERE latest.space_id = $1 AND
    -- include: fits_session latest
    AND NOT EXISTS (
        SELECT FROM sage.session_days AS later
        WHERE later.space_id = $1 AND later.session_id = latest.session_id AND later.day > latest.day AND
            -- include: fits_session later
    )

-- fragment: summarized
-- Sum up the sessions of a page: what was said in each, and how it begins, in $n characters.
SELECT page.session_id, page.placed_at, page.place, whole.memories, whole.first_at, whole.last_at,
    opening.preview, opening.metadata, sage.project_of($1, whole.project) AS project, whole.source, whole.author
FROM page
CROSS JOIN LATERAL (
    SELECT sum(memories)::bigint AS memories, min(first_at) AS first_at, max(last_at) AS last_at,
        (array_agg(project ORDER BY day DESC) FILTER (WHERE project IS NOT NULL))[1] AS project,
        (array_agg(source ORDER BY day DESC) FILTER (WHERE source IS NOT NULL))[1] AS source,
        (array_agg(author ORDER BY day DESC) FILTER (WHERE author IS NOT NULL))[1] AS author
    FROM sage.session_days
    WHERE space_id = $1 AND session_id = page.session_id
) AS whole
CROSS JOIN LATERAL (
    SELECT left(content, $n) AS preview, sage.with_current_project(space_id, metadata) AS metadata
    FROM sage.memories
    WHERE space_id = $1 AND session_id = page.session_id AND forgotten_at IS NULL
    ORDER BY created_at, arrival
    LIMIT 1
) AS opening

-- name: list_sessions
-- Read the page of sessions that follows a place, the one in which something was said last first.
WITH page AS MATERIALIZED (
    -- include: latest_of_session
    AND latest.day <= sage.utc_day($7) AND (latest.last_at, md5(latest.session_id)::uuid) < ($7, $8::uuid)
    ORDER BY latest.day DESC, latest.last_at DESC, md5(latest.session_id)::uuid DESC
    LIMIT $9
)
-- include: summarized $10
ORDER BY page.placed_at DESC, page.place DESC;

-- name: list_sessions_back
-- Read the page of sessions that ends before a place, the nearest to it first.
WITH page AS MATERIALIZED (
    -- include: latest_of_session
    AND latest.day >= sage.utc_day($7) AND (latest.last_at, md5(latest.session_id)::uuid) > ($7, $8::uuid)
    ORDER BY latest.day, latest.last_at, md5(latest.session_id)::uuid
    LIMIT $9
)
-- include: summarized $10
ORDER BY page.placed_at, page.place;

-- name: count_listed_sessions
-- Count the sessions that fit, in what was said last: in up to $7 days of sessions. Return also how many of these there
-- are.
SELECT count(DISTINCT session_id) AS sessions, count(*) AS looked_at FROM (
    SELECT session_id FROM sage.session_days AS fitting
    WHERE fitting.space_id = $1 AND
        -- include: fits_session fitting
    ORDER BY day DESC
    LIMIT $7
) AS found;

-- name: count_session
-- Count what was said in a session.
SELECT coalesce(sum(memories), 0)::bigint FROM sage.session_days WHERE space_id = $1 AND session_id = $2;

-- name: tidy_totals
-- Count what there is to look at in a space: memories and sessions.
SELECT coalesce(sum(memories), 0)::bigint AS memories, count(DISTINCT session_id) AS sessions
FROM sage.session_days
WHERE space_id = $1;

-- name: tidy_walk
-- Find the memories of a space that follow a place, the newest first, by ids, times and sizes. The planner expects the
-- comparison of a time and an arrival to leave out nothing beside that of the time, which an index can begin at.
SELECT memory_id, created_at, octet_length(content) AS size_bytes
FROM sage.memories
WHERE space_id = $1 AND forgotten_at IS NULL AND created_at <= $2 AND nullif((created_at, arrival) < (
    $2,
    -- include: arrival_before
), false) IS NOT NULL
ORDER BY created_at DESC, arrival DESC
LIMIT $4;

-- name: tidy_duplicates
-- Find which of $4 memories that follow a place say word for word what others do, of which none is newer, among the $5
-- after them. What is newer is looked at as far: a group belongs where its newest memory stands. A long text is read
-- only where another has its length. Questions, tasks, what only acknowledges, and parts of messages are left out. One
-- row is for the end of the walk: how many were looked at, and the last of them.
WITH older AS MATERIALIZED (
    SELECT memory_id, created_at, role, name, superseded_at, octet_length(content) AS size_bytes,
        CASE WHEN octet_length(content) <= 2000 THEN md5(content) END AS digest,
        row_number() OVER (ORDER BY created_at DESC, arrival DESC) AS place
    FROM (
        SELECT *
        FROM sage.memories
        WHERE space_id = $1 AND forgotten_at IS NULL AND created_at <= $2 AND nullif((created_at, arrival) < (
            $2,
            -- include: arrival_before
        ), false) IS NOT NULL
        ORDER BY created_at DESC, arrival DESC
        LIMIT $4::integer + $5::integer
    ) AS walked
), newer AS MATERIALIZED (
    SELECT memory_id, created_at, role, name, superseded_at, octet_length(content) AS size_bytes,
        CASE WHEN octet_length(content) <= 2000 THEN md5(content) END AS digest,
        0::bigint AS place
    FROM (
        SELECT *
        FROM sage.memories
        WHERE $3::uuid IS NOT NULL AND space_id = $1 AND forgotten_at IS NULL AND created_at >= $2
            AND nullif((created_at, arrival) >= (
            $2,
            -- include: arrival_before
        ), false) IS NOT NULL
        ORDER BY created_at, arrival
        LIMIT $5
    ) AS walked
), alike AS MATERIALIZED (
    SELECT *, count(*) OVER (PARTITION BY size_bytes, role, name) AS times
    FROM (SELECT * FROM older UNION ALL SELECT * FROM newer) AS walked
    WHERE superseded_at IS NULL
), digested AS (
    SELECT memory_id, role, name, place, coalesce(digest, (
        SELECT md5(content) FROM sage.memories
        WHERE space_id = $1 AND memories.memory_id = alike.memory_id
    )) AS digest
    FROM alike
    WHERE times > 1
), repeated AS MATERIALIZED (
    SELECT *, count(*) OVER (PARTITION BY digest, role, name) AS times FROM digested
), found AS (
    SELECT min(place) AS place, (array_agg(memory_id ORDER BY place))[:$6] AS memory_ids, count(*) AS number
    FROM repeated
    WHERE times > 1 AND NOT EXISTS (
        SELECT FROM sage.memory_classes AS classed
        WHERE classed.space_id = $1 AND classed.memory_id = repeated.memory_id
            AND (classed.class NOT IN (0, 3, 7) OR classed.extent > 1)
        OFFSET 0
    )
    GROUP BY digest, role, name
    HAVING count(*) > 1 AND min(place) BETWEEN 1 AND $4
    ORDER BY min(place)
    LIMIT $7
)
SELECT found.place, older.memory_id, older.created_at, found.memory_ids, found.number
FROM found
JOIN older USING (place)
UNION ALL
(
    SELECT place, memory_id, created_at, NULL, (SELECT count(*) FROM older)
    FROM older
    WHERE place <= $4
    ORDER BY place DESC
    LIMIT 1
);

-- name: tidy_points
-- Read the vectors by which memories are compared that are short, and neither superseded nor parts of messages: the
-- first of each. Questions, tasks and what only acknowledges are left out.
SELECT memories.memory_id, embeddings.embedding
FROM unnest($3::uuid[]) WITH ORDINALITY AS given (memory_id, number)
JOIN sage.memories ON memories.space_id = $1 AND memories.memory_id = given.memory_id
JOIN sage.embeddings ON embeddings.space_id = $1 AND embeddings.memory_id = given.memory_id
    AND model_id = $2 AND chunk = 0
WHERE superseded_at IS NULL AND octet_length(content) <= $4 AND NOT EXISTS (
    SELECT FROM sage.memory_classes AS classed
    WHERE classed.space_id = $1 AND classed.memory_id = given.memory_id
        AND (classed.class NOT IN (0, 3, 7) OR classed.extent > 1)
    OFFSET 0
)
ORDER BY number;

-- name: tidy_nearest
-- Find the memories of a space nearest to each of some points, at most $4 of them and no farther than $5.
SELECT number, memory_id
FROM unnest($3::sage.half_vector[]) WITH ORDINALITY AS given (point, number)
CROSS JOIN LATERAL (
    SELECT memory_id, sage.vector_distance(embedding, point) AS distance
    FROM sage.embeddings
    WHERE space_id = $1 AND model_id = $2
    ORDER BY distance
    LIMIT $4
) AS nearest
WHERE distance <= $5;

-- name: tidy_nearest_indexed
-- Find the memories of a space nearest to each of some points by the space's own index, over vectors of length $6: at
-- most $4 of them and no farther than $5.
SELECT number, memory_id
FROM unnest($3::sage.half_vector[]) WITH ORDINALITY AS given (point, number)
CROSS JOIN LATERAL (
    SELECT memory_id, sage.vector_distance(sage.vector_of_length(embedding, $6), point) AS distance
    FROM sage.embeddings
    WHERE space_id = $1 AND model_id = $2
        AND (SELECT set_config('hnsw.ef_search', '40', true) IS NOT NULL)
    ORDER BY distance
    LIMIT $4
) AS nearest
WHERE distance <= $5;

-- name: tidy_comparable
-- Read what of memories is compared word for word, with their places in the order of all: those that may be.
SELECT memory_id, role, name, content, created_at, arrival
FROM sage.memories
WHERE space_id = $1 AND memory_id = ANY ($2::uuid[]) AND coalesce(forgotten_at IS NULL, false)
    AND superseded_at IS NULL AND octet_length(content) <= $3 AND NOT EXISTS (
        SELECT FROM sage.memory_classes AS classed
        WHERE classed.space_id = $1 AND classed.memory_id = memories.memory_id
            AND (classed.class NOT IN (0, 3, 7) OR classed.extent > 1)
        OFFSET 0
    );

-- name: tidy_superseded
-- Walk over what was replaced in a space, what was kept last first, from before a memory on: whether it is superseded
-- now, and by what, the last of a chain.
SELECT walked.replaced_id AS memory_id, old.created_at, newer.memory_id AS newer_id
FROM (
    SELECT DISTINCT replaced_id
    FROM sage.replacements
    WHERE space_id = $1 AND replaced_id < coalesce($2::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
    ORDER BY replaced_id DESC
    LIMIT $3
) AS walked
LEFT JOIN LATERAL (
    SELECT created_at FROM sage.memories
    WHERE space_id = $1 AND memory_id = walked.replaced_id AND coalesce(forgotten_at IS NULL, false)
        AND superseded_at IS NOT NULL
) AS old ON true
LEFT JOIN LATERAL (
    SELECT memories.memory_id
    FROM sage.replacements
    JOIN sage.memories ON memories.space_id = $1 AND memories.memory_id = replacements.memory_id
    WHERE replacements.space_id = $1 AND replacements.replaced_id = walked.replaced_id
        AND coalesce(forgotten_at IS NULL, false)
    ORDER BY superseded_at IS NOT NULL, created_at DESC, arrival DESC
    LIMIT 1
) AS newer ON old.created_at IS NOT NULL
ORDER BY walked.replaced_id DESC;

-- name: tidy_recorded_since
-- Find since when it is recorded what is handed out of a space: the ids of occasions are in the order of time.
SELECT at FROM sage.recalls WHERE space_id = $1 ORDER BY recall_id LIMIT 1;

-- name: tidy_unrecalled
-- Walk over the memories of a space that follow a place and were said before $5, the newest first: whether each was
-- kept before that, too, tells something, holds now, and was never handed out.
SELECT walked.memory_id, walked.created_at, walked.saved_at < $5 AND walked.superseded_at IS NULL AND NOT EXISTS (
    SELECT FROM sage.recalled_memories AS recalled
    WHERE recalled.space_id = $1 AND recalled.memory_id = walked.memory_id
    OFFSET 0
) AND NOT EXISTS (
    SELECT FROM sage.memory_classes AS classed
    WHERE classed.space_id = $1 AND classed.memory_id = walked.memory_id
        AND (classed.class NOT IN (0, 3, 7) OR classed.extent > 2)
    OFFSET 0
) AS is_unrecalled
FROM (
    SELECT memory_id, created_at, arrival, saved_at, superseded_at
    FROM sage.memories
    WHERE space_id = $1 AND forgotten_at IS NULL AND created_at <= least($2, $5::timestamptz) AND nullif((created_at, arrival) < (
        $2,
        -- include: arrival_before
    ), false) IS NOT NULL
    ORDER BY created_at DESC, arrival DESC
    LIMIT $4
) AS walked
ORDER BY walked.created_at DESC, walked.arrival DESC;

-- name: tidy_texts
-- Read what secrets are looked for in.
SELECT memory_id, content, metadata
FROM sage.memories
WHERE space_id = $1 AND memory_id = ANY ($2::uuid[]) AND coalesce(forgotten_at IS NULL, false);

-- name: tidy_sessions
-- Walk over the sessions of a space that follow a place, the latest first, each with whether a person said anything in
-- it, be it forgotten.
SELECT walked.*, EXISTS (
    SELECT FROM sage.memories
    WHERE session_id = walked.session_id AND space_id = $1 AND role = 'user'
    OFFSET 0
) AS has_person
FROM (
    SELECT latest.session_id, latest.last_at AS placed_at, md5(latest.session_id)::uuid AS place
    FROM sage.session_days AS latest
    WHERE latest.space_id = $1 AND latest.day <= sage.utc_day($2)
        AND (latest.last_at, md5(latest.session_id)::uuid) < ($2, $3::uuid)
        AND NOT EXISTS (
            SELECT FROM sage.session_days AS later
            WHERE later.space_id = $1 AND later.session_id = latest.session_id AND later.day > latest.day
        )
    ORDER BY latest.day DESC, latest.last_at DESC, md5(latest.session_id)::uuid DESC
    LIMIT $4
) AS walked
ORDER BY placed_at DESC, place DESC;

-- name: tidy_session_summaries
-- Sum up sessions by their ids: what was said in each, and how it begins.
WITH page AS MATERIALIZED (
    SELECT session_id, NULL::timestamptz AS placed_at, NULL::uuid AS place
    FROM unnest($2::text[]) AS named (session_id)
)
-- include: summarized $3
;

-- name: tidy_shown
-- Read what lists show of memories, at most $3 characters of each, and whether others refer to it: a question that it
-- answers, or what it replaces.
SELECT memory_id, session_id, role, name, left(content, $3) AS preview, created_at,
    sage.project_of(space_id, sage.project_in(metadata)) AS project,
    EXISTS (
        SELECT FROM sage.memory_classes AS asking
        WHERE asking.space_id = $1 AND asking.reply_id = memories.memory_id
        OFFSET 0
    ) OR EXISTS (
        SELECT FROM sage.replacements
        WHERE replacements.space_id = $1 AND replacements.memory_id = memories.memory_id
        OFFSET 0
    ) AS is_referred_to
FROM sage.memories
WHERE space_id = $1 AND memory_id = ANY ($2::uuid[]) AND coalesce(forgotten_at IS NULL, false);

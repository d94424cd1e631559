-- name: forget_memories
-- Hide memories, by ids or by session, and keep their vectors from being made meanwhile.
-- Rows are locked in the order of their ids, so that two calls never wait for each other.
WITH wanted AS (
    SELECT memory_id FROM sage.memories
    WHERE space_id = $1 AND (memory_id = ANY ($2::uuid[]) OR session_id = $3)
        AND forgotten_at IS NULL
    ORDER BY memory_id
    FOR NO KEY UPDATE
), forgotten AS (
    UPDATE sage.memories SET forgotten_at = now(), forgotten_by = $4
    FROM wanted
    WHERE memories.space_id = $1 AND memories.memory_id = wanted.memory_id
    RETURNING memories.memory_id
), held AS (
    UPDATE sage.embedding_queue SET due_at = 'infinity'
    FROM forgotten
    WHERE embedding_queue.space_id = $1 AND embedding_queue.memory_id = forgotten.memory_id
)
SELECT coalesce(array_agg(memory_id), '{}') FROM forgotten;

-- name: memories_by_author
-- Find what an author, or with NULL the owner, has saved of a session, also what is forgotten.
SELECT memory_id FROM sage.memories
WHERE space_id = $1 AND session_id = $2 AND author IS NOT DISTINCT FROM $3
ORDER BY memory_id;

-- name: restore_memories
-- Bring back memories, by ids or by session, that were forgotten in the last so many days, and queue
-- those that are ranked and lack vectors of the active model, which cannot change meanwhile. One that was given
-- up gets a new chance: perhaps that was with another model. Arrays, and OFFSET, keep the planner from
-- joins that read the whole space for each memory where it was filled since it was last analyzed.
WITH wanted AS (
    SELECT memory_id FROM sage.memories
    WHERE space_id = $1 AND (memory_id = ANY ($2::uuid[]) OR session_id = $3)
        AND forgotten_at >= now() - make_interval(days => $4)
    ORDER BY memory_id
    FOR NO KEY UPDATE
), restored AS (
    UPDATE sage.memories SET forgotten_at = NULL, forgotten_by = NULL
    WHERE space_id = $1 AND memory_id = ANY (ARRAY(SELECT memory_id FROM wanted))
    RETURNING memory_id
), active AS (
    SELECT model_id FROM sage.active_model FOR SHARE
), released AS (
    INSERT INTO sage.embedding_queue (space_id, memory_id)
    SELECT $1, restored.memory_id FROM restored
    WHERE NOT EXISTS (
        SELECT FROM sage.embeddings
        JOIN active ON active.model_id = embeddings.model_id
        WHERE embeddings.space_id = $1 AND embeddings.memory_id = restored.memory_id
        OFFSET 0
    ) AND NOT EXISTS (
        SELECT FROM sage.memory_classes
        WHERE memory_classes.space_id = $1 AND memory_classes.memory_id = restored.memory_id
            AND NOT sage.is_embedded(class, extent)
        OFFSET 0
    )
    ON CONFLICT (space_id, memory_id) DO UPDATE
    SET due_at = excluded.due_at, attempts = 0, deliveries = 0, failed_at = NULL, last_error = NULL
)
SELECT coalesce(array_agg(memory_id), '{}') FROM restored;

-- distributed: restore_memories
-- Do so step by step.
SELECT sage.restore_memories($1, $2::uuid[], $3, $4);

-- name: count_unknown
-- Count the given ids, or the session, that no memory has, or only one forgotten too long ago.
SELECT (
    SELECT count(DISTINCT id) FROM unnest($2::uuid[]) AS id
    WHERE NOT EXISTS (
        SELECT FROM sage.memories
        WHERE space_id = $1 AND memory_id = id
            AND (forgotten_at IS NULL OR forgotten_at >= now() - make_interval(days => $4))
    )
) + (
    SELECT count(*) FROM unnest(ARRAY[$3::text]) AS wanted
    WHERE wanted IS NOT NULL AND NOT EXISTS (
        SELECT FROM sage.memories
        WHERE space_id = $1 AND session_id = wanted
            AND (forgotten_at IS NULL OR forgotten_at >= now() - make_interval(days => $4))
    )
);

-- name: purge_forgotten
-- Delete for good, at most so many, what was forgotten more than so many days ago.
WITH purged AS (
    DELETE FROM sage.memories
    WHERE (space_id, memory_id) IN (
        SELECT space_id, memory_id FROM sage.memories
        WHERE forgotten_at < now() - make_interval(days => $1)
        ORDER BY forgotten_at
        LIMIT $2
        FOR UPDATE SKIP LOCKED
    )
    RETURNING space_id, session_id
),
    -- include: checks_planned_once
SELECT space_id, session_id
FROM purged
CROSS JOIN planning;

-- distributed: purge_forgotten
-- Go by spaces: each has its node.
SELECT space_id, session_id FROM sage.purge_forgotten($1, $2);

-- name: lock_sessions
-- Lock the given sessions, in one order, until the transaction ends: a save into one of them waits.
SELECT FROM sage.sessions
WHERE (space_id, session_id) IN (SELECT * FROM unnest($1::text[], $2::text[]))
ORDER BY space_id, session_id
FOR UPDATE;

-- distributed: lock_sessions
-- Go by spaces: each has its node.
SELECT sage.lock_sessions($1::text[], $2::text[]);

-- name: delete_empty_sessions
-- Delete those of the given sessions that hold no memory any more.
DELETE FROM sage.sessions
WHERE (space_id, session_id) IN (SELECT * FROM unnest($1::text[], $2::text[]))
    AND NOT EXISTS (
        SELECT FROM sage.memories
        WHERE memories.space_id = sessions.space_id AND memories.session_id = sessions.session_id
    );

-- distributed: delete_empty_sessions
-- Go by spaces; return a row for each.
SELECT FROM sage.delete_empty_sessions($1::text[], $2::text[]);

-- name: purge_saves
-- Delete, at most so many, answers to saves given more than so many days ago.
DELETE FROM sage.saves
WHERE (space_id, retry_key) IN (
    SELECT space_id, retry_key FROM sage.saves
    WHERE saved_at < now() - make_interval(days => $1)
    ORDER BY saved_at
    LIMIT $2
    FOR UPDATE SKIP LOCKED
)
RETURNING 1;

-- distributed: purge_saves
-- Go by spaces: each has its node.
SELECT * FROM sage.purge_saves($1, $2);

-- name: find_other_parts
-- Find all parts of the messages of which the given memories are parts.
SELECT other.memory_id
FROM sage.memories AS given
CROSS JOIN LATERAL (
    SELECT memory_id
    FROM sage.memories
    WHERE space_id = $1 AND session_id = given.session_id AND created_at = given.created_at
        AND role = given.role AND metadata -> 'chars' = given.metadata -> 'chars'
) AS other
WHERE given.space_id = $1 AND given.memory_id = ANY ($2::uuid[]) AND EXISTS (
    SELECT FROM sage.memory_classes
    WHERE space_id = $1 AND memory_classes.memory_id = given.memory_id AND extent > 1
    OFFSET 0
);

-- name: list_forgotten
-- Walk over what was forgotten of a space in the last so many days, from $7 on and before $8, what was forgotten last
-- first: the first $4 memories that are by $9 and of the session $10, where these are given, among $11. The last
-- one of these is there, too, where there may be more; it does not fit, and says how far was looked.
WITH walked AS MATERIALIZED (
    SELECT memory_id, forgotten_at, row_number() OVER (ORDER BY forgotten_at DESC, memory_id DESC) AS place,
        ($9::text IS NULL OR forgotten_by = $9) AND ($10::text IS NULL OR session_id = $10) AND
            -- include: first_of_message
        AS fits
    FROM sage.memories
    WHERE space_id = $1 AND forgotten_at >= greatest(now() - make_interval(days => $5), $7) AND forgotten_at < $8
        AND (forgotten_at, memory_id) < ($2, coalesce($3::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
    ORDER BY forgotten_at DESC, memory_id DESC
    LIMIT $11
), fitting AS (
    SELECT memory_id, place FROM walked WHERE fits IS TRUE ORDER BY place LIMIT $4
), page AS (
    SELECT memory_id, place, true AS fits FROM fitting
    UNION ALL
    SELECT memory_id, place, false FROM walked
    WHERE place = $11 AND (SELECT count(*) FROM fitting) < $4
)
SELECT memory_id, session_id, role, name, left(content, $6) AS preview, created_at, forgotten_at, forgotten_by,
    forgotten_at + make_interval(days => $5) AS restorable_until, page.fits
FROM page
JOIN sage.memories USING (memory_id)
WHERE space_id = $1
ORDER BY page.place, page.fits DESC;

-- name: name_no_forgetter
-- Name somebody no more as who forgot memories of a space.
UPDATE sage.memories SET forgotten_by = NULL
WHERE space_id = $1 AND forgotten_at IS NOT NULL AND forgotten_by = $2;

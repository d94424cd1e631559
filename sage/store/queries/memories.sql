-- name: save_conversation
-- Keep a conversation in a space as a role, with the classes of its messages and its event in the audit log. Return
-- whether it was kept now, not before; null where it is not masked as the space wants it.
SELECT sage.record_save(
    sage.keep_conversation(
        $1, $2, $3, $4, $5, $6::uuid[], $7::text[], $8::text[], $9::text[], $10::timestamptz[], $11::text[],
        $12, $13, $14, $15::uuid[], $16, $17, $18, $19,
        $20::smallint[], $21::smallint, $22::uuid[], $23::uuid[], $24::uuid[]
    ),
    $25
);

-- distributed: save_conversation
-- Keep it on the node of the space, the event on the coordinator.
SELECT sage.save_conversation(
    $1, $2, $3, $4, $5, $6::uuid[], $7::text[], $8::text[], $9::text[], $10::timestamptz[], $11::text[],
    $12, $13, $14, $15::uuid[], $16, $17, $18, $19,
    $20::smallint[], $21::smallint, $22::uuid[], $23::uuid[], $24::uuid[], $25
);

-- name: find_save
-- Find the answer a retry key holds, and whether vectors of what it kept are still to come.
SELECT body_digest, session_id, memory_ids, EXISTS (
    SELECT FROM sage.embedding_queue
    WHERE embedding_queue.space_id = $1
        AND embedding_queue.memory_id = ANY (saves.memory_ids)
) AS pending
FROM sage.saves
WHERE space_id = $1 AND retry_key = $2;

-- name: find_id_parts
-- Find up to $5 memories of a space for each of the parts $2 with which their ids begin, which lie between $3 and $4
-- then, or end; forgotten ones, too, with how each begins that is not.
SELECT DISTINCT given.part, found.memory_id, found.created_at, found.opening
FROM unnest($2::text[], $3::uuid[], $4::uuid[]) AS given (part, first_id, last_id)
CROSS JOIN LATERAL (
    (
        SELECT memory_id, created_at, CASE WHEN forgotten_at IS NULL THEN left(content, 60) ELSE '' END AS opening
        FROM sage.memories
        WHERE space_id = $1 AND memory_id BETWEEN given.first_id AND given.last_id
        ORDER BY memory_id
        LIMIT $5
    )
    UNION ALL
    (
        SELECT memory_id, created_at, CASE WHEN forgotten_at IS NULL THEN left(content, 60) ELSE '' END AS opening
        FROM sage.visible_memories
        WHERE space_id = $1
            AND reverse(right(memory_id::text, 12)) COLLATE "C" >= left(reverse(given.part), 12)
            AND reverse(right(memory_id::text, 12)) COLLATE "C" < left(reverse(given.part), 12) || 'g'
            AND right(replace(memory_id::text, '-', ''), length(given.part)) = given.part
        LIMIT $5
    )
) AS found
ORDER BY given.part, found.memory_id;

-- name: find_session_parts
-- Find up to $3 sessions of a space whose id begins or ends with $2, with or without the name of a client before it, and
-- has $4 characters or more behind that.
SELECT session_id
FROM sage.sessions
WHERE space_id = $1
    AND length(regexp_replace(session_id, '^[a-z0-9-]+:', '')) >= $4
    AND (
        starts_with(session_id, $2)
        OR starts_with(regexp_replace(session_id, '^[a-z0-9-]+:', ''), $2)
        OR right(session_id, length($2)) = $2
    )
LIMIT $3;

-- name: has_session
-- Tell whether there is a session, though all of it may be forgotten.
SELECT EXISTS (SELECT FROM sage.sessions WHERE space_id = $1 AND session_id = $2);

-- name: describe_sessions
-- Read when the sessions $2 began, and how unless that is forgotten.
SELECT given.session_id, opening.created_at,
    CASE WHEN opening.forgotten_at IS NULL THEN left(opening.content, 60) ELSE '' END AS opening
FROM unnest($2::text[]) AS given (session_id)
CROSS JOIN LATERAL (
    SELECT created_at, content, forgotten_at FROM sage.memories
    WHERE space_id = $1 AND session_id = given.session_id
    ORDER BY created_at, arrival
    LIMIT 1
) AS opening
ORDER BY opening.created_at DESC;

-- name: read_memory
-- Read one memory that is not forgotten.
SELECT memory_id, session_id, role, name, content, created_at,
    sage.with_current_project(space_id, metadata) AS metadata, superseded_at, author, saved_at AS kept_at,
    confirmed_at, confirmed_by, sage.source_of(source, import_id, metadata) AS source
FROM sage.memories
WHERE space_id = $1 AND memory_id = $2 AND forgotten_at IS NULL;

-- name: read_session
-- Read what is not forgotten of a session, in its order.
SELECT memory_id, session_id, role, name, content, created_at,
    sage.with_current_project(space_id, metadata) AS metadata, superseded_at, author,
    confirmed_at, confirmed_by, sage.source_of(source, import_id, metadata) AS source
FROM sage.memories
WHERE space_id = $1 AND session_id = $2 AND forgotten_at IS NULL
ORDER BY created_at, arrival;

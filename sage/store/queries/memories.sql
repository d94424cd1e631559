-- name: save_conversation
-- Keep a conversation and its place in the embedding queue, unless its retry key holds an answer.
-- The unique key of saves decides between concurrent senders: whoever inserts it keeps the messages.
-- What it replaces ($14), and what that replaced, is superseded from now on.
-- An answer that does not last is replaced when it is old or something it kept was forgotten.
WITH recorded AS (
    INSERT INTO sage.saves AS earlier (space_id, retry_key, body_digest, session_id, memory_ids)
    VALUES ($1, $2, $3, $4, $5::uuid[])
    ON CONFLICT (space_id, retry_key) DO UPDATE
    SET body_digest = excluded.body_digest, session_id = excluded.session_id,
        memory_ids = excluded.memory_ids, saved_at = excluded.saved_at
    WHERE NOT $12 AND (
        earlier.saved_at < now() - make_interval(secs => $13)
        OR EXISTS (
            SELECT FROM sage.memories
            WHERE memories.space_id = earlier.space_id
                AND memories.memory_id = ANY (earlier.memory_ids)
                AND memories.forgotten_at IS NOT NULL
        )
    )
    RETURNING space_id, session_id
), ensured AS (
    INSERT INTO sage.sessions (space_id, session_id)
    SELECT space_id, session_id FROM recorded
    ON CONFLICT DO NOTHING
), kept AS (
    INSERT INTO sage.memories
        (space_id, memory_id, session_id, role, name, content, created_at, lexemes, metadata,
        author, source)
    SELECT recorded.space_id, message.memory_id, recorded.session_id, message.role, message.name,
        message.content, message.created_at, message.lexemes::tsvector, $11,
        $15, $16
    FROM recorded,
        unnest($5::uuid[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::text[])
            WITH ORDINALITY
            AS message (memory_id, role, name, content, created_at, lexemes, position)
    ORDER BY message.position
    RETURNING space_id, memory_id
), queued AS (
    INSERT INTO sage.embedding_queue (space_id, memory_id)
    SELECT space_id, memory_id FROM kept
), replaced AS (
    SELECT unnest($14::uuid[]) AS memory_id
    UNION
    SELECT replaced_id FROM sage.replacements WHERE space_id = $1 AND memory_id = ANY ($14::uuid[])
), linked AS (
    INSERT INTO sage.replacements (space_id, memory_id, replaced_id)
    SELECT kept.space_id, kept.memory_id, replaced.memory_id
    FROM kept CROSS JOIN replaced
), superseded AS (
    SELECT memory_id FROM sage.memories
    WHERE space_id = $1 AND memory_id IN (SELECT memory_id FROM replaced)
        AND superseded_at IS NULL AND EXISTS (SELECT FROM recorded)
    ORDER BY memory_id
    FOR NO KEY UPDATE
), marked AS (
    UPDATE sage.memories SET superseded_at = now()
    FROM superseded
    WHERE memories.space_id = $1 AND memories.memory_id = superseded.memory_id
)
SELECT EXISTS (SELECT FROM recorded);

-- name: find_save
-- Find the answer a retry key holds, and whether vectors of what it kept are still to come.
SELECT body_digest, session_id, memory_ids, EXISTS (
    SELECT FROM sage.embedding_queue
    WHERE embedding_queue.space_id = saves.space_id
        AND embedding_queue.memory_id = ANY (saves.memory_ids)
) AS pending
FROM sage.saves
WHERE space_id = $1 AND retry_key = $2;

-- name: find_short_ids
-- Find the memories of a space whose ids end in one of these, forgotten ones too. Reads the ids of
-- the whole space, from the index of the primary key where it can.
SELECT memory_id, right(memory_id::text, 8) AS short_id
FROM sage.memories
WHERE space_id = $1 AND right(memory_id::text, 8) = ANY ($2::text[]);

-- name: read_memory
-- Read one memory that is not forgotten.
SELECT memory_id, session_id, role, name, content, created_at, metadata, superseded_at, author,
    sage.source_of(source, import_id, metadata) AS source
FROM sage.memories
WHERE space_id = $1 AND memory_id = $2 AND forgotten_at IS NULL;

-- name: read_session
-- Read what is not forgotten of a session, in its order.
SELECT memory_id, session_id, role, name, content, created_at, metadata, superseded_at, author,
    sage.source_of(source, import_id, metadata) AS source
FROM sage.memories
WHERE space_id = $1 AND session_id = $2 AND forgotten_at IS NULL
ORDER BY created_at, arrival;

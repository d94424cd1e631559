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
SELECT memory_id, session_id, role, name, content, created_at,
    sage.with_current_project(space_id, metadata) AS metadata, superseded_at, author, saved_at AS kept_at,
    sage.source_of(source, import_id, metadata) AS source
FROM sage.memories
WHERE space_id = $1 AND memory_id = $2 AND forgotten_at IS NULL;

-- name: read_session
-- Read what is not forgotten of a session, in its order.
SELECT memory_id, session_id, role, name, content, created_at,
    sage.with_current_project(space_id, metadata) AS metadata, superseded_at, author,
    sage.source_of(source, import_id, metadata) AS source
FROM sage.memories
WHERE space_id = $1 AND session_id = $2 AND forgotten_at IS NULL
ORDER BY created_at, arrival;

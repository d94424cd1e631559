-- name: floor_session
-- Make a session, unless it is there.
INSERT INTO sessions (space_id, session_id) VALUES ($1, $2) ON CONFLICT DO NOTHING;

-- name: floor_insert
-- Keep messages in a session and nothing else: the least a save can do.
INSERT INTO memories (space_id, memory_id, session_id, role, content, created_at, lexemes)
SELECT $1, message.memory_id, $2, message.role, message.content, message.created_at,
    message.lexemes::tsvector
FROM unnest($3::uuid[], $4::text[], $5::text[], $6::timestamptz[], $7::text[])
    AS message (memory_id, role, content, created_at, lexemes);

-- name: forget_queue
-- Let no memory wait for its vector any more.
DELETE FROM embedding_queue;

-- name: settle_tables
-- Clean up after many writes and let the planner look at the tables, as autovacuum does in time.
VACUUM (ANALYZE) memories, embeddings, embedding_queue;

-- name: fill_queue
-- Let every memory wait for its vector.
INSERT INTO embedding_queue (space_id, memory_id)
SELECT space_id, memory_id FROM memories
ON CONFLICT DO NOTHING;

-- name: empty_queue
-- Let no memory wait for its vector any more, and leave no dead rows behind.
TRUNCATE embedding_queue;

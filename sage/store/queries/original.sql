-- name: find_original_tables
-- Find which tables of the first Sage a database has.
SELECT to_regclass('memories') IS NOT NULL AS memories,
    to_regclass('conversations') IS NOT NULL AS conversations;

-- name: read_original_memories
-- Read the memories of the first Sage as JSON, without their vectors.
SELECT to_jsonb(one) - 'embedding' FROM memories AS one ORDER BY created_at, id;

-- name: read_original_conversations
-- Read the conversations of the first Sage as JSON, without their vectors.
SELECT to_jsonb(one) - 'embedding' FROM conversations AS one ORDER BY created_at, id;

-- name: ping
-- Prove that the database answers.
SELECT 1;

-- name: count_memories
-- Count what is not forgotten, in all spaces; read from the index memories_by_time alone.
SELECT count(*) FROM sage.memories WHERE forgotten_at IS NULL;

-- name: space_stats
-- Sum up what a space holds, each figure from the index that has it; the size is that of the whole
-- database.
SELECT
    (SELECT count(*) FROM sage.memories WHERE space_id = $1 AND forgotten_at IS NULL) AS memories,
    (
        SELECT count(*) FROM sage.sessions
        WHERE space_id = $1 AND EXISTS (
            SELECT FROM sage.memories
            WHERE memories.space_id = sessions.space_id
                AND memories.session_id = sessions.session_id
                AND memories.forgotten_at IS NULL
        )
    ) AS sessions,
    (SELECT min(created_at) FROM sage.memories WHERE space_id = $1 AND forgotten_at IS NULL) AS first_at,
    (SELECT max(created_at) FROM sage.memories WHERE space_id = $1 AND forgotten_at IS NULL) AS last_at,
    pg_database_size(current_database()) AS storage_bytes;

-- name: durability_settings
-- Read the settings that decide whether an answered save outlives a crash.
SELECT name, setting FROM pg_settings
WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit')
ORDER BY name;

-- name: database_size
-- Return the size of the whole database in bytes.
SELECT pg_database_size(current_database());

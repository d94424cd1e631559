-- name: ping
-- Prove that the database answers.
SELECT 1;

-- name: count_memories
-- Count what is not forgotten, in all spaces; read from the index memories_by_time alone.
SELECT count(*) FROM memories WHERE forgotten_at IS NULL;

-- name: space_stats
-- Sum up what a space holds; the size is that of the whole database.
SELECT count(*) AS memories, count(DISTINCT session_id) AS sessions,
    min(created_at) AS first_at, max(created_at) AS last_at,
    pg_database_size(current_database()) AS storage_bytes
FROM memories
WHERE space_id = $1 AND forgotten_at IS NULL;

-- name: durability_settings
-- Read the settings that decide whether an answered save outlives a crash.
SELECT name, setting FROM pg_settings
WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit')
ORDER BY name;

-- name: ping
-- Prove that the database answers.
SELECT 1;

-- name: count_memories
-- Count what is not forgotten, in all spaces; read from the index memories_by_time alone.
SELECT count(*) FROM sage.memories WHERE forgotten_at IS NULL;

-- name: count_or_estimate_memories
-- Count what is not forgotten, in all spaces; where the index memories_by_time held more than $1 rows when
-- it was vacuumed or analyzed last, return how many these were.
SELECT CASE
    WHEN reltuples <= $1 THEN (SELECT count(*) FROM sage.memories WHERE forgotten_at IS NULL)
    ELSE reltuples::bigint
END
FROM pg_class
WHERE oid = 'sage.memories_by_time'::regclass;

-- name: space_stats
-- Sum up what a space holds, as it was counted when it was kept; a message that was split for its length counts as one.
-- The size is that of texts and vectors as they are stored, without indexes: nothing of other spaces. Of more than
-- 1,000 memories it is taken from the newest, since it means reading the rows. OFFSET, and sub-selects in place of
-- joins, keep the planner from reading the whole space for each memory where it was filled since it was last analyzed.
WITH newest AS MATERIALIZED (
    SELECT memory_id, pg_column_size(content) + pg_column_size(lexemes) + pg_column_size(metadata) AS bytes,
        -- include: first_of_message
        AS is_first
    FROM sage.memories
    WHERE space_id = $1 AND forgotten_at IS NULL
    ORDER BY created_at DESC
    LIMIT 1000
)
SELECT said.memories, said.sessions, said.first_at, said.last_at,
    (texts.bytes + vectors.bytes) * said.memories / greatest(texts.memories, 1) AS storage_bytes
FROM (
    SELECT coalesce(sum(memories), 0)::bigint AS memories, count(DISTINCT session_id) AS sessions,
        min(first_at) AS first_at, max(last_at) AS last_at
    FROM sage.session_days
    WHERE space_id = $1
) AS said
CROSS JOIN (
    SELECT count(*) FILTER (WHERE is_first) AS memories, coalesce(sum(bytes), 0)::bigint AS bytes FROM newest
) AS texts
CROSS JOIN (
    SELECT coalesce(sum((
        SELECT sum(2 * dimensions + 8)
        FROM sage.embeddings
        JOIN sage.embedding_models USING (model_id)
        WHERE space_id = $1 AND memory_id = newest.memory_id
    )), 0)::bigint AS bytes
    FROM newest
) AS vectors;

-- name: durability_settings
-- Read the settings that decide whether an answered save outlives a crash.
SELECT name, setting FROM pg_settings
WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit')
ORDER BY name;

-- name: checksum_failures
-- Count how often a damaged page of this database or of what all share was read, and tell when the last time was;
-- no row where pages have no checksums.
SELECT sum(checksum_failures)::bigint AS reads, max(checksum_last_failure) AS last_at
FROM pg_stat_database
WHERE (datname = current_database() OR datid = 0) AND checksum_failures IS NOT NULL
HAVING count(*) > 0;

-- distributed: checksum_failures
-- Add what each node that has rows of spaces counts; return no row where the pages of one have no checksums, unless a damaged
-- page was read.
SELECT sum(reads)::bigint AS reads, max(last_at) AS last_at
FROM (
    SELECT checksum_failures AS reads, checksum_last_failure AS last_at
    FROM pg_stat_database
    WHERE (datname = current_database() OR datid = 0)
        AND NOT EXISTS (SELECT FROM pg_dist_node WHERE groupid = 0 AND shouldhaveshards)
    UNION ALL
    SELECT (found ->> 'reads')::bigint, (found ->> 'last_at')::timestamptz
    FROM sage.rows_of_nodes($query$
        SELECT json_agg(json_build_object('reads', checksum_failures, 'last_at', checksum_last_failure))
        FROM pg_stat_database
        WHERE datname = current_database() OR datid = 0
    $query$)
) AS counted
HAVING count(reads) = count(*) OR sum(reads) > 0;

-- name: database_size
-- Return the size of the whole database in bytes.
SELECT pg_database_size(current_database());

-- name: search_words
-- Tell of words whether they are names of people in a space, and whether it knows them (migration 40).
SELECT word, is_name, is_known FROM sage.search_words($1, $2, $3, $4, $5);

-- name: search_keys
-- Count the memories of a space that hold each term, and each name that is spelled as one of $2, the terms of which are
-- $3 (migration 40). Both have spaces between: arrays of many texts take the driver long.
SELECT lexeme, held_by
FROM sage.search_keys($1, string_to_array($2, ' '), string_to_array($3, ' '), $4, $5);

-- name: search_statistics
-- Read what the planner knows of the memories: how many there are, what share of them the commonest
-- terms and spaces have. Empty but for the count before the first ANALYZE.
WITH memories_table AS (
    SELECT pg_namespace.nspname, pg_class.relname, pg_class.reltuples
    FROM pg_class
    JOIN pg_namespace ON pg_namespace.oid = pg_class.relnamespace
    WHERE pg_class.oid = 'sage.memories'::regclass
), known AS (
    SELECT pg_stats.*
    FROM pg_stats
    JOIN memories_table ON pg_stats.schemaname = nspname AND pg_stats.tablename = relname
)
SELECT 'rows' AS kind, '' AS value, greatest(reltuples, 0)::real AS share FROM memories_table
UNION ALL
SELECT 'term', common.value, common.share
FROM known
CROSS JOIN LATERAL unnest(
    known.most_common_elems::text::text[], known.most_common_elem_freqs
) AS common (value, share)
WHERE known.attname = 'lexemes' AND common.value IS NOT NULL
UNION ALL
SELECT 'space', common.value, common.share
FROM known
CROSS JOIN LATERAL unnest(
    known.most_common_vals::text::text[], known.most_common_freqs
) AS common (value, share)
WHERE known.attname = 'space_id';

-- distributed: search_statistics
-- Sum up what each node knows of its shards.
SELECT kind, value, share FROM sage.statistics_of_nodes();

-- fragment: passes_filters
-- Require of a memory what the filters $5 to $11 ask for; one that is null asks for nothing. $11 names
-- author, trust and reader; the trust is that of sage.domain.provenance. What is superseded passes by $12.
-- A project has several names where it was renamed (migration 28).
AND ($12 OR superseded_at IS NULL)
AND ($5::text IS NULL OR session_id = $5)
AND ($6::text IS NULL OR role = $6)
AND ($7::timestamptz IS NULL OR created_at >= $7)
AND ($8::timestamptz IS NULL OR created_at < $8)
AND ($9::jsonb IS NULL OR metadata @> ANY ((SELECT sage.under_any_name($1, $9))::jsonb[]))
AND (
    $10::text IS NULL OR metadata ->> 'project' IS NULL
    OR metadata ->> 'project' = ANY ((SELECT sage.names_of_project($1, $10))::text[])
)
AND ($11::jsonb IS NULL OR NOT $11::jsonb ? 'author' OR author = $11 ->> 'author')
AND ($11::jsonb IS NULL OR NOT $11::jsonb ? 'trust' OR $11 ->> 'trust' = CASE
    WHEN sage.source_of(source, import_id, metadata) LIKE 'import:%' THEN 'imported'
    WHEN author IS NULL AND source IS NULL THEN 'unknown'
    WHEN author IS NOT DISTINCT FROM $11 ->> 'reader' THEN 'own'
    ELSE 'other member'
END);

-- name: search_lexical
-- Find the memories that hold any term of $2, those first that hold most of the terms of $3, without those of the
-- classes $13 unless they were answered: their classes are looked up one by one, until there are enough. Then, of the
-- first $14 that match, the texts that nobody answered, each with the newest memory that asked so: of many texts the
-- $15 that hold most, the newest of them first.
WITH matching AS MATERIALIZED (
    SELECT memory_id, created_at, ts_rank('{1, 1, 1, 1}', lexemes, $3::text::tsquery) AS rank
    FROM sage.visible_memories
    WHERE space_id = $1
      AND forgotten_at IS NULL
      AND lexemes @@ $2::text::tsquery
      -- include: passes_filters
    ORDER BY rank DESC, created_at DESC, memory_id
)
(
    SELECT memory_id, NULL AS asked
    FROM matching
    WHERE
        -- include: tells_something $13
    LIMIT $4
)
UNION ALL
(
    SELECT (array_agg(memory_id ORDER BY created_at DESC))[1], content
    FROM sage.memory_classes
    JOIN sage.memories USING (space_id, memory_id)
    WHERE space_id = $1
      AND memory_id = ANY (ARRAY(SELECT memory_id FROM matching LIMIT $14))
      AND class IN (1, 2) AND reply_id IS NULL
    GROUP BY content
    ORDER BY max(ts_rank('{1, 1, 1, 1}', lexemes, $3::text::tsquery)) DESC, max(created_at) DESC
    LIMIT $15
);

-- name: search_asked
-- Count how often each of the texts $4 was not answered, which are the classes $3, with when last; all hold a term
-- of $2. What nothing was said after in its session may be answered yet: a client keeps a prompt before it works on it.
SELECT content, count(*) AS count, max(created_at) AS last_at
FROM sage.visible_memories
WHERE space_id = $1
  AND forgotten_at IS NULL
  AND lexemes @@ $2::text::tsquery
  AND content = ANY ($4::text[])
  AND (
      SELECT true FROM sage.memory_classes AS classed
      WHERE classed.space_id = $1 AND classed.memory_id = visible_memories.memory_id
        AND class = ANY ($3::smallint[]) AND reply_id IS NULL
        AND EXISTS (
            SELECT FROM sage.memories AS later
            WHERE later.space_id = $1 AND later.session_id = visible_memories.session_id
              AND (later.created_at, later.arrival) > (visible_memories.created_at, visible_memories.arrival)
              AND later.forgotten_at IS NULL
        )
  )
  -- include: passes_filters
GROUP BY content;

-- name: search_vectors
-- Read, of each memory, the vector of the chunk nearest to a point, in the wire form of a halfvec.
-- A walk of an index that found them leaves its setting behind, by which the next would be planned.
SELECT DISTINCT ON (memory_id) memory_id, sage.vector_bytes(embedding) AS embedding
FROM sage.embeddings
WHERE space_id = $1 AND model_id = $2 AND memory_id = ANY ($3::uuid[])
  AND (SELECT set_config('hnsw.ef_search', NULL, true) IS NOT NULL)
ORDER BY memory_id, sage.vector_distance(embedding, $4);

-- name: search_since
-- Tell whether a space has a memory of that time or later.
SELECT EXISTS (
    SELECT FROM sage.memories WHERE space_id = $1 AND created_at >= $2 AND forgotten_at IS NULL
);

-- name: search_hits
-- Read all that is shown of the memories found: by their keys, not by the index of all that is not forgotten.
SELECT memory_id, session_id, role, name, content, created_at,
    sage.with_current_project(space_id, metadata) AS metadata, superseded_at, author, saved_at AS kept_at,
    confirmed_at, confirmed_by, sage.source_of(source, import_id, metadata) AS source
FROM sage.memories
WHERE space_id = $1 AND memory_id = ANY ($2::uuid[])
  AND coalesce(forgotten_at IS NULL, false);

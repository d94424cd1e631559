-- name: search_lexical
-- Find the memories that hold any of the terms, those that hold most of them first.
SELECT memory_id
FROM memories
WHERE space_id = $1
  AND forgotten_at IS NULL
  AND lexemes @@ $2::text::tsquery
  AND ($3::text IS NULL OR session_id = $3)
  AND ($4::text IS NULL OR role = $4)
  AND ($5::timestamptz IS NULL OR created_at >= $5)
  AND ($6::timestamptz IS NULL OR created_at < $6)
  AND ($7::jsonb IS NULL OR metadata @> $7)
ORDER BY ts_rank('{1, 1, 1, 1}', lexemes, $2::text::tsquery) DESC, created_at DESC, memory_id
LIMIT $8;

-- name: search_candidates
-- Join the memories nearest to a vector with those already found; give each with its neighbours in
-- the session (two before, two after) and with what ranks it: the cosine of its best chunk, and
-- ts_rank of every term. Without a vector only what was found before and its neighbours come back.
WITH terms AS MATERIALIZED (
    SELECT array_agg(term::tsquery ORDER BY number) AS terms
    FROM unnest($2::text[]) WITH ORDINALITY AS asked (term, number)
), nearest AS (
    SELECT embeddings.memory_id
    FROM embeddings
    JOIN memories USING (space_id, memory_id)
    WHERE embeddings.space_id = $1
      AND embeddings.model_id = $3
      AND $4::halfvec IS NOT NULL
      AND memories.forgotten_at IS NULL
      AND ($5::text IS NULL OR memories.session_id = $5)
      AND ($6::text IS NULL OR memories.role = $6)
      AND ($7::timestamptz IS NULL OR memories.created_at >= $7)
      AND ($8::timestamptz IS NULL OR memories.created_at < $8)
      AND ($9::jsonb IS NULL OR memories.metadata @> $9)
    GROUP BY embeddings.memory_id
    ORDER BY min(embeddings.embedding <=> $4), embeddings.memory_id
    LIMIT $10
), candidates AS MATERIALIZED (
    SELECT
        memories.memory_id,
        ARRAY(
            SELECT earlier.memory_id
            FROM memories AS earlier
            WHERE earlier.space_id = $1
              AND earlier.session_id = memories.session_id
              AND (earlier.created_at, earlier.arrival) < (memories.created_at, memories.arrival)
              AND earlier.forgotten_at IS NULL
            ORDER BY earlier.created_at DESC, earlier.arrival DESC
            LIMIT 2
        ) AS before,
        ARRAY(
            SELECT later.memory_id
            FROM memories AS later
            WHERE later.space_id = $1
              AND later.session_id = memories.session_id
              AND (later.created_at, later.arrival) > (memories.created_at, memories.arrival)
              AND later.forgotten_at IS NULL
            ORDER BY later.created_at, later.arrival
            LIMIT 2
        ) AS after
    FROM memories
    WHERE memories.space_id = $1
      AND memories.forgotten_at IS NULL
      AND memories.memory_id = ANY (
          ARRAY(SELECT nearest.memory_id FROM nearest) || $11::uuid[]
      )
), around AS (
    SELECT unnest(before || after) AS memory_id FROM candidates
    EXCEPT
    SELECT memory_id FROM candidates
), wanted AS (
    SELECT memory_id, before, after FROM candidates
    UNION ALL
    SELECT memory_id, NULL, NULL FROM around
)
SELECT
    wanted.before,
    wanted.after,
    memories.memory_id,
    memories.session_id,
    memories.role,
    memories.name,
    memories.content,
    memories.created_at,
    memories.metadata,
    (
        SELECT 1 - min(embeddings.embedding <=> $4)
        FROM embeddings
        WHERE embeddings.space_id = $1
          AND embeddings.model_id = $3
          AND embeddings.memory_id = wanted.memory_id
    ) AS cosine,
    ARRAY(
        SELECT ts_rank('{1, 1, 1, 1}', memories.lexemes, term)
        FROM unnest(terms.terms) WITH ORDINALITY AS asked (term, number)
        ORDER BY number
    ) AS term_ranks
FROM wanted
CROSS JOIN terms
JOIN memories ON memories.space_id = $1 AND memories.memory_id = wanted.memory_id;

-- name: search_names
-- Tell which of the words are names of people in a space: somebody speaks under the name, or is
-- called by it at least as often as $3 says.
SELECT asked.word
FROM unnest($2::text[]) AS asked (word)
WHERE EXISTS (
    SELECT 1
    FROM memories
    WHERE space_id = $1 AND lexemes @@ quote_literal('@by:' || asked.word)::tsquery
) OR $3 <= (
    SELECT count(*)
    FROM (
        SELECT 1
        FROM memories
        WHERE space_id = $1 AND lexemes @@ quote_literal('@to:' || asked.word)::tsquery
        LIMIT $3
    ) AS calls
);

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

-- name: search_evidence
-- Join the memories nearest to a vector with those already found; give each of these candidates,
-- and their neighbours in the session (two before, two after), with what ranks them: the cosine of
-- the best chunk, ts_rank of the whole question, ts_rank of each term in the body alone, and the
-- traits of the text. Without a vector only what was found before and its neighbours come back.
WITH asked AS MATERIALIZED (
    SELECT array_agg(term::tsquery ORDER BY number) AS terms
    FROM unnest($3::text[]) WITH ORDINALITY AS given (term, number)
), nearest AS (
    SELECT embeddings.memory_id
    FROM embeddings
    JOIN memories USING (space_id, memory_id)
    WHERE embeddings.space_id = $1
      AND embeddings.model_id = $4
      AND $5::halfvec IS NOT NULL
      AND memories.forgotten_at IS NULL
      AND ($6::text IS NULL OR memories.session_id = $6)
      AND ($7::text IS NULL OR memories.role = $7)
      AND ($8::timestamptz IS NULL OR memories.created_at >= $8)
      AND ($9::timestamptz IS NULL OR memories.created_at < $9)
      AND ($10::jsonb IS NULL OR memories.metadata @> $10)
    GROUP BY embeddings.memory_id
    ORDER BY min(embeddings.embedding <=> $5), embeddings.memory_id
    LIMIT $11
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
          ARRAY(SELECT nearest.memory_id FROM nearest) || $12::uuid[]
      )
), wanted AS (
    SELECT memory_id, before, after FROM candidates
    UNION ALL
    SELECT around.memory_id, NULL, NULL
    FROM (
        SELECT unnest(before || after) AS memory_id FROM candidates
        EXCEPT
        SELECT memory_id FROM candidates
    ) AS around
), texts AS MATERIALIZED (
    SELECT
        wanted.*,
        memories.session_id,
        memories.role,
        memories.name,
        memories.created_at,
        memories.lexemes || '' AS lexemes -- unpacked once, not at every use
    FROM wanted
    JOIN memories ON memories.space_id = $1 AND memories.memory_id = wanted.memory_id
)
SELECT
    texts.memory_id,
    texts.before,
    texts.after,
    texts.session_id,
    texts.role,
    texts.name,
    texts.created_at,
    (
        SELECT 1 - min(embeddings.embedding <=> $5)
        FROM embeddings
        WHERE embeddings.space_id = $1
          AND embeddings.model_id = $4
          AND embeddings.memory_id = texts.memory_id
    ) AS cosine,
    ts_rank('{1, 1, 1, 1}', texts.lexemes, $2::text::tsquery) AS word_rank,
    ARRAY(
        SELECT ts_rank('{1, 0, 0, 0}', texts.lexemes, term) FROM unnest(asked.terms) AS term
    ) AS term_ranks,
    texts.lexemes @@ '''@asks''' AS asks,
    texts.lexemes @@ '''@self''' AS speaks_of_self,
    texts.lexemes @@ '''@dated''' AS dated,
    texts.lexemes @@ '''@timed''' AS timed
FROM texts
CROSS JOIN asked;

-- name: search_hits
-- Read all that is shown of the memories found.
SELECT memory_id, session_id, role, name, content, created_at, metadata
FROM memories
WHERE space_id = $1 AND memory_id = ANY ($2::uuid[]) AND forgotten_at IS NULL;

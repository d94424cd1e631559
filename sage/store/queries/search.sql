-- name: search_names
-- Tell which of the words are names of people in a space: somebody speaks under the name, or is
-- called by it at least as often as $4 says. Of the words that are common in some space ($2) the
-- first rows found settle it. The others ($3) are counted: a scan that hopes for an early end would
-- read the whole table for each word that is nobody's name, while the index knows at once.
SELECT common.word
FROM unnest($2::text[]) AS common (word)
WHERE EXISTS (
    SELECT 1
    FROM sage.memories
    WHERE space_id = $1 AND lexemes @@ quote_literal('@by:' || common.word)::tsquery
) OR $4 <= (
    SELECT count(*)
    FROM (
        SELECT 1
        FROM sage.memories
        WHERE space_id = $1 AND lexemes @@ quote_literal('@to:' || common.word)::tsquery
        LIMIT $4
    ) AS calls
)
UNION ALL
SELECT rare.word
FROM (
    SELECT
        word,
        quote_literal('@by:' || word) AS as_speaker,
        quote_literal('@to:' || word) AS as_called
    FROM unnest($3::text[]) AS given (word)
) AS rare
CROSS JOIN LATERAL (
    SELECT
        count(*) FILTER (WHERE lexemes @@ rare.as_speaker::tsquery) AS spoken,
        count(*) FILTER (WHERE lexemes @@ rare.as_called::tsquery) AS called
    FROM sage.memories
    WHERE space_id = $1 AND lexemes @@ (rare.as_speaker || '|' || rare.as_called)::tsquery
) AS times
WHERE times.spoken > 0 OR times.called >= $4;

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

-- name: search_lexical
-- Find the memories that hold any term of $2, those first that hold most of the terms of $3.
SELECT memory_id
FROM sage.memories
WHERE space_id = $1
  AND forgotten_at IS NULL
  AND lexemes @@ $2::text::tsquery
  AND ($5::text IS NULL OR session_id = $5)
  AND ($6::text IS NULL OR role = $6)
  AND ($7::timestamptz IS NULL OR created_at >= $7)
  AND ($8::timestamptz IS NULL OR created_at < $8)
  AND ($9::jsonb IS NULL OR metadata @> $9)
ORDER BY ts_rank('{1, 1, 1, 1}', lexemes, $3::text::tsquery) DESC, created_at DESC, memory_id
LIMIT $4;

-- name: search_nearest
-- Find the memories of a space nearest to a vector, by the best chunk of each. All are put in order
-- first, so that few need be asked whether they are forgotten.
SELECT memory_id
FROM (
    SELECT memory_id, min(sage.vector_distance(embedding, $3)) AS distance
    FROM sage.embeddings
    WHERE space_id = $1 AND model_id = $2
    GROUP BY memory_id
    ORDER BY distance, memory_id
) AS nearest
WHERE (
    SELECT true FROM sage.memories
    WHERE memories.space_id = $1 AND memories.memory_id = nearest.memory_id
      AND forgotten_at IS NULL
) IS NOT NULL -- which the planner expects of nearly all, unlike EXISTS of a join or IS NULL
ORDER BY distance, memory_id
LIMIT $4;

-- name: search_nearest_indexed
-- Find the memories of a space nearest to a vector by the space's own index, whose expression and
-- predicate are put where the comments are. Once it is dropped the answer is slow, not wrong.
-- The nearest $4 chunks are looked at; fewer than $3 memories come where those are chunks of a few
-- long ones, or too many forgotten ones are nearest.
-- The settings end with the statement, unless a transaction was begun: then with that.
SELECT memory_id
FROM (
    SELECT memory_id, sage.vector_distance(embedding /* or the indexed expression */, $1) AS distance
    FROM sage.embeddings
    WHERE true /* or the index's predicate */
      AND (
          SELECT true FROM sage.memories
          WHERE memories.space_id = $2 AND memories.memory_id = embeddings.memory_id
            AND forgotten_at IS NULL
      ) IS NOT NULL
      AND ( -- is true, and comes before the scan
          SELECT set_config('hnsw.ef_search', least($4, 1000)::text, true) IS NOT NULL
          AND CASE WHEN current_setting('hnsw.iterative_scan', true) IS NULL THEN true -- too old
              ELSE set_config('hnsw.iterative_scan', 'relaxed_order', true) IS NOT NULL END
      )
    ORDER BY distance
    LIMIT $4
) AS chunks
GROUP BY memory_id
ORDER BY min(distance), memory_id
LIMIT $3;

-- name: search_nearest_filtered
-- Find the memories nearest to a vector among those that pass the filters. Few are looked up by their
-- keys; for many the whole space is read. A branch whose filter is not asked for is not run.
WITH passing AS MATERIALIZED (
    SELECT memory_id
    FROM sage.memories
    WHERE $5::text IS NOT NULL AND space_id = $1 AND session_id = $5 AND forgotten_at IS NULL
      AND created_at >= coalesce($7::timestamptz, '-infinity')
      AND created_at < coalesce($8::timestamptz, 'infinity')
      AND ($6::text IS NULL OR role = $6)
      AND ($9::jsonb IS NULL OR metadata @> $9)
    UNION ALL
    SELECT memory_id
    FROM sage.memories
    WHERE $5 IS NULL AND $9 IS NOT NULL AND space_id = $1 AND metadata @> $9
      AND forgotten_at IS NULL
      AND created_at >= coalesce($7, '-infinity') AND created_at < coalesce($8, 'infinity')
      AND ($6 IS NULL OR role = $6)
    UNION ALL
    SELECT memory_id
    FROM sage.memories
    WHERE $5 IS NULL AND $9 IS NULL AND space_id = $1 AND forgotten_at IS NULL
      AND created_at >= coalesce($7, '-infinity') AND created_at < coalesce($8, 'infinity')
      AND ($6 IS NULL OR role = $6)
), chunks AS (
    SELECT memory_id, sage.vector_distance(embedding, $3) AS distance
    FROM passing
    CROSS JOIN LATERAL (
        SELECT embedding
        FROM sage.embeddings
        WHERE space_id = $1 AND embeddings.memory_id = passing.memory_id AND model_id = $2
        OFFSET 0 -- one by one, though the planner takes them for more
    ) AS own
    WHERE (SELECT count(*) FROM passing) <= 500
    UNION ALL
    SELECT memory_id, sage.vector_distance(embedding, $3) AS distance
    FROM sage.embeddings
    WHERE space_id = $1 AND model_id = $2
      AND (SELECT count(*) FROM passing) > 500
      AND (memory_id IN (SELECT memory_id FROM passing)) IS TRUE -- hashed, never a nested loop
)
SELECT memory_id
FROM chunks
GROUP BY memory_id
ORDER BY min(distance), memory_id
LIMIT $4;

-- name: search_nearest_filtered_indexed
-- Find the memories nearest to a vector among those that pass the filters: up to $10 by their keys,
-- more by the space's own index, which is put in as in search_nearest_indexed and walked outwards
-- until enough pass. Too few may be found then, where what passes is far away.
WITH passing AS MATERIALIZED (
    SELECT memory_id
    FROM sage.memories
    WHERE $5::text IS NOT NULL AND space_id = $1 AND session_id = $5 AND forgotten_at IS NULL
      AND created_at >= coalesce($7::timestamptz, '-infinity')
      AND created_at < coalesce($8::timestamptz, 'infinity')
      AND ($6::text IS NULL OR role = $6)
      AND ($9::jsonb IS NULL OR metadata @> $9)
    UNION ALL
    SELECT memory_id
    FROM sage.memories
    WHERE $5 IS NULL AND $9 IS NOT NULL AND space_id = $1 AND metadata @> $9
      AND forgotten_at IS NULL
      AND created_at >= coalesce($7, '-infinity') AND created_at < coalesce($8, 'infinity')
      AND ($6 IS NULL OR role = $6)
    UNION ALL
    SELECT memory_id
    FROM sage.memories
    WHERE $5 IS NULL AND $9 IS NULL AND space_id = $1 AND forgotten_at IS NULL
      AND created_at >= coalesce($7, '-infinity') AND created_at < coalesce($8, 'infinity')
      AND ($6 IS NULL OR role = $6)
    LIMIT $10 + 1
), by_key AS (
    SELECT memory_id, sage.vector_distance(embedding, $3) AS distance
    FROM passing
    CROSS JOIN LATERAL (
        SELECT embedding
        FROM sage.embeddings
        WHERE space_id = $1 AND embeddings.memory_id = passing.memory_id AND model_id = $2
        OFFSET 0 -- one by one, though the planner takes them for more
    ) AS own
    WHERE (SELECT count(*) FROM passing) <= $10
), by_index AS (
    SELECT memory_id, sage.vector_distance(embedding /* or the indexed expression */, $3) AS distance
    FROM sage.embeddings
    WHERE true /* or the index's predicate */
      AND (SELECT count(*) FROM passing) > $10
      AND (
          SELECT forgotten_at IS NULL
            AND ($5 IS NULL OR session_id = $5)
            AND ($6 IS NULL OR role = $6)
            AND ($7 IS NULL OR created_at >= $7)
            AND ($8 IS NULL OR created_at < $8)
            AND ($9 IS NULL OR metadata @> $9)
          FROM sage.memories
          WHERE memories.space_id = $1 AND memories.memory_id = embeddings.memory_id
      )
      AND ( -- is true, and comes before the scan
          SELECT set_config('hnsw.ef_search', '400', true) IS NOT NULL
          AND CASE WHEN current_setting('hnsw.iterative_scan', true) IS NULL THEN true -- too old
              ELSE set_config('hnsw.iterative_scan', 'relaxed_order', true) IS NOT NULL END
      )
    ORDER BY distance
    LIMIT 400
), found AS (
    SELECT memory_id, min(distance) AS distance
    FROM (SELECT * FROM by_key UNION ALL SELECT * FROM by_index) AS chunks
    GROUP BY memory_id
    ORDER BY min(distance), memory_id
    LIMIT $4
)
SELECT
    ARRAY(SELECT memory_id FROM found ORDER BY distance, memory_id) AS memory_ids,
    (SELECT count(*) FROM passing) <= $10 AS by_key;

-- name: search_evidence
-- Read candidates and their neighbours in the session (two before, two after), each once and in no
-- order, with what ranks them by their text: ts_rank of the whole question, ts_rank of each term in
-- the body alone, both only where any term is there, and traits; and with the vector of the chunk
-- nearest to $6. Without $6 only a memory of one chunk has its vector. Numbers come in their wire
-- form, laid end to end: to decode them one by one takes the client longer than to read them here.
WITH asked AS MATERIALIZED (
    SELECT
        $3::text::tsquery AS question,
        (
            SELECT array_agg(term::tsquery ORDER BY number)
            FROM unnest($4::text[]) WITH ORDINALITY AS given (term, number)
        ) AS terms
), candidates AS MATERIALIZED (
    SELECT memory_id, session_id, role, name, created_at, arrival, lexemes
    FROM sage.memories
    WHERE space_id = $1 AND memory_id = ANY ($2::uuid[]) AND forgotten_at IS NULL
), named AS (
    SELECT true AS is_candidate, * FROM candidates
    UNION ALL
    SELECT false, around.*
    FROM candidates
    CROSS JOIN LATERAL (
        (
            SELECT memory_id, session_id, role, name, created_at, arrival, lexemes
            FROM sage.memories AS earlier
            WHERE earlier.space_id = $1
              AND earlier.session_id = candidates.session_id
              AND (earlier.created_at, earlier.arrival)
                  < (candidates.created_at, candidates.arrival)
              AND earlier.forgotten_at IS NULL
            ORDER BY earlier.created_at DESC, earlier.arrival DESC
            LIMIT 2
        )
        UNION ALL
        (
            SELECT memory_id, session_id, role, name, created_at, arrival, lexemes
            FROM sage.memories AS later
            WHERE later.space_id = $1
              AND later.session_id = candidates.session_id
              AND (later.created_at, later.arrival) > (candidates.created_at, candidates.arrival)
              AND later.forgotten_at IS NULL
            ORDER BY later.created_at, later.arrival
            LIMIT 2
        )
    ) AS around
), distinct_rows AS (
    SELECT DISTINCT ON (arrival) * FROM named ORDER BY arrival, is_candidate DESC
), texts AS MATERIALIZED (
    SELECT
        is_candidate,
        memory_id,
        session_id,
        role,
        name,
        created_at,
        arrival,
        lexemes || '' AS lexemes -- unpacked once, not at every use
    FROM distinct_rows
), nearest AS (
    SELECT DISTINCT ON (memory_id) memory_id, embedding
    FROM sage.embeddings
    WHERE space_id = $1
      AND model_id = $5
      AND memory_id = ANY (ARRAY(SELECT memory_id FROM texts))
      AND ($6::sage.half_vector IS NOT NULL OR NOT EXISTS (
          SELECT FROM sage.embeddings AS further
          WHERE further.space_id = $1
            AND further.memory_id = embeddings.memory_id
            AND further.model_id = $5
            AND further.chunk > 0
      ))
    ORDER BY memory_id, sage.vector_distance(embedding, $6)
)
SELECT
    memory_id,
    session_id,
    role,
    name,
    timestamptz_send(created_at)
    || int8send(arrival)
    || float4send(CASE
        WHEN lexemes @@ question THEN ts_rank('{1, 1, 1, 1}', lexemes, question) ELSE 0
    END)
    || boolsend(is_candidate)
    || boolsend(lexemes @@ '''@asks''')
    || boolsend(lexemes @@ '''@self''')
    || boolsend(lexemes @@ '''@dated''')
    || boolsend(lexemes @@ '''@timed''') AS numbers,
    CASE WHEN lexemes @@ question THEN (
        SELECT string_agg(float4send(ts_rank('{1, 0, 0, 0}', lexemes, term)), '' ORDER BY number)
        FROM unnest(terms) WITH ORDINALITY AS given (term, number)
    ) END AS term_ranks,
    sage.vector_bytes(nearest.embedding) AS embedding
FROM texts
CROSS JOIN asked
LEFT JOIN nearest USING (memory_id);

-- name: search_vectors
-- Read, of each memory, the vector of the chunk nearest to a point, in the wire form of a halfvec.
SELECT DISTINCT ON (memory_id) memory_id, sage.vector_bytes(embedding) AS embedding
FROM sage.embeddings
WHERE space_id = $1 AND model_id = $2 AND memory_id = ANY ($3::uuid[])
ORDER BY memory_id, sage.vector_distance(embedding, $4);

-- name: search_since
-- Tell whether a space has a memory of that time or later.
SELECT EXISTS (
    SELECT FROM sage.memories WHERE space_id = $1 AND created_at >= $2 AND forgotten_at IS NULL
);

-- name: search_hits
-- Read all that is shown of the memories found.
SELECT memory_id, session_id, role, name, content, created_at, metadata
FROM sage.memories
WHERE space_id = $1 AND memory_id = ANY ($2::uuid[]) AND forgotten_at IS NULL;

-- name: search_words
-- Tell of words whether they are names of people in a space, and whether it knows them. A name is what
-- somebody speaks under, or is called by at least as often as $4 says. Words ($2) that are common as names
-- in some space have their terms in $6: the first rows found settle them. The others ($3) are counted, each
-- with its term ($5), but for a term that is common ($7): a scan that hopes for an early end would read the
-- whole table for each word that is nobody's name, while the index knows at once.
-- A word with a term that is only the beginning of a name is not known; one without a term always is.
SELECT
    common.word,
    EXISTS (
        SELECT 1
        FROM sage.visible_memories
        WHERE space_id = $1 AND lexemes @@ quote_literal('@by:' || common.word)::tsquery
    ) OR $4 <= (
        SELECT count(*)
        FROM (
            SELECT 1
            FROM sage.visible_memories
            WHERE space_id = $1 AND lexemes @@ quote_literal('@to:' || common.word)::tsquery
            LIMIT $4
        ) AS calls
    ) AS is_name,
    common.term IS NULL OR (
        EXISTS (
            SELECT 1
            FROM sage.visible_memories
            WHERE space_id = $1 AND lexemes @@ quote_literal(common.term)::tsquery
        ) AND NOT EXISTS (
            SELECT 1
            FROM sage.visible_memories
            WHERE space_id = $1 AND lexemes @@ (quote_literal('@by:' || common.word) || ':*')::tsquery
        )
    ) AS is_known
FROM unnest($2::text[], $6::text[]) AS common (word, term)
UNION ALL
SELECT
    rare.word,
    named.spoken > 0 OR named.called >= $4,
    rare.as_term IS NULL OR (named.begun = 0 AND held.is_held)
FROM (
    SELECT
        word,
        quote_literal('@by:' || word) AS as_speaker,
        quote_literal('@by:' || word) || CASE WHEN term IS NOT NULL THEN ':*' ELSE '' END AS begins,
        quote_literal('@to:' || word) AS as_called,
        quote_literal(term) AS as_term,
        is_common
    FROM unnest($3::text[], $5::text[], $7::boolean[]) AS given (word, term, is_common)
) AS rare
CROSS JOIN LATERAL (
    SELECT
        count(*) FILTER (WHERE lexemes @@ rare.as_speaker::tsquery) AS spoken,
        count(*) FILTER (WHERE lexemes @@ rare.begins::tsquery) AS begun,
        count(*) FILTER (WHERE lexemes @@ rare.as_called::tsquery) AS called
    FROM sage.visible_memories
    WHERE space_id = $1 AND lexemes @@ (rare.begins || '|' || rare.as_called)::tsquery
) AS named
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN rare.is_common THEN EXISTS (
            SELECT 1
            FROM sage.visible_memories
            WHERE space_id = $1 AND lexemes @@ rare.as_term::tsquery
        )
        ELSE 0 < (
            SELECT count(*)
            FROM sage.visible_memories
            WHERE space_id = $1 AND lexemes @@ rare.as_term::tsquery
        )
    END AS is_held
) AS held;

-- name: search_keys
-- Count the memories of a space that hold each of the lexemes $2, and those of them that hold each key
-- of a name, each up to $4. They are looked up 32 at a time: the index takes the square of the number to
-- get ready, and a moment for each scan. How many these are is kept from the planner, which would take so
-- many unknown ones for a large part of all memories. Lexemes that are common in some space ($3) are
-- counted one by one, so that no more than $4 memories are read for each.
SELECT counted.lexeme, least(max(counted.times), $4::integer) AS held_by
FROM (
    SELECT string_agg(quote_literal(key), '|')::tsquery AS any_of_them
    FROM unnest($2::text[]) WITH ORDINALITY AS asked (key, number)
    GROUP BY number / 32
) AS part
CROSS JOIN LATERAL (
    SELECT lexeme, count(*) AS times
    FROM sage.visible_memories
    CROSS JOIN LATERAL unnest(tsvector_to_array(lexemes)) AS held (lexeme)
    WHERE space_id = $1
      AND lexemes @@ part.any_of_them
      AND (lexeme = ANY ($2::text[]) OR lexeme ^@ '@by:' OR lexeme ^@ '@to:')
    GROUP BY lexeme
) AS counted
WHERE counted.lexeme <> ALL ($3::text[])
GROUP BY counted.lexeme
UNION ALL
SELECT common.key, held.times
FROM unnest($3::text[]) AS common (key)
CROSS JOIN LATERAL (
    SELECT count(*) AS times
    FROM (
        SELECT 1
        FROM sage.visible_memories
        WHERE space_id = $1 AND lexemes @@ quote_literal(common.key)::tsquery
        LIMIT $4::integer
    ) AS found
) AS held
WHERE held.times > 0;

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

-- fragment: passes_filters
-- Require of a memory what the filters $5 to $11 ask for; one that is null asks for nothing. The last
-- names author, trust and reader; the trust is that of sage.domain.provenance.
AND ($5::text IS NULL OR session_id = $5)
AND ($6::text IS NULL OR role = $6)
AND ($7::timestamptz IS NULL OR created_at >= $7)
AND ($8::timestamptz IS NULL OR created_at < $8)
AND ($9::jsonb IS NULL OR metadata @> $9)
AND ($10::text IS NULL OR metadata ->> 'project' IS NULL OR metadata ->> 'project' = $10)
AND ($11::jsonb IS NULL OR NOT $11::jsonb ? 'author' OR author = $11 ->> 'author')
AND ($11::jsonb IS NULL OR NOT $11::jsonb ? 'trust' OR $11 ->> 'trust' = CASE
    WHEN sage.source_of(source, import_id, metadata) LIKE 'import:%' THEN 'imported'
    WHEN author IS NULL AND source IS NULL THEN 'unknown'
    WHEN author IS NOT DISTINCT FROM $11 ->> 'reader' THEN 'own'
    ELSE 'other member'
END);

-- name: search_lexical
-- Find the memories that hold any term of $2, those first that hold most of the terms of $3.
SELECT memory_id
FROM sage.visible_memories
WHERE space_id = $1
  AND forgotten_at IS NULL
  AND lexemes @@ $2::text::tsquery
  -- include: passes_filters
ORDER BY ts_rank('{1, 1, 1, 1}', lexemes, $3::text::tsquery) DESC, created_at DESC, memory_id
LIMIT $4;

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
-- Read all that is shown of the memories found: by their keys, not by the index of all that is not forgotten.
SELECT memory_id, session_id, role, name, content, created_at, metadata, superseded_at, author,
    sage.source_of(source, import_id, metadata) AS source
FROM sage.memories
WHERE space_id = $1 AND memory_id = ANY ($2::uuid[])
  AND coalesce(forgotten_at IS NULL, false);

-- name: plan_once
-- Have what follows in a transaction planned once for any values: it is found by its keys, whatever the size of a
-- space. PostgreSQL, which does not know how many keys there will be, is kept from reading whole tables, from
-- sorting what an index has in order, and from comparing each row of a join with each of the other side.
SELECT
    set_config('plan_cache_mode', 'force_generic_plan', true),
    set_config('enable_seqscan', 'off', true),
    set_config('enable_sort', 'off', true),
    set_config('enable_incremental_sort', 'off', true), -- PostgreSQL 16 reads all vectors of a space for it
    set_config('enable_nestloop', 'off', true);

-- distributed: plan_once
-- Set the same on the node of the space.
SELECT sage.plan_once();

-- name: search_evidence
-- Read candidates and their neighbours in the session ($3 before, $3 after), each once and in no
-- order, with what ranks them by their text: ts_rank of the whole question for candidates, ts_rank of
-- each term in the body alone, both only where any term is there, traits, of candidates the class and, unless they are
-- long, a hash of what was said and the text of what asks, or states something and asks; and with the vector of
-- the chunk nearest to $7. Without $7 no vectors are read. What is superseded is no candidate, unless $8 says so.
-- Numbers come in their wire form, laid end to end: to decode them one by one takes the client longer
-- than to read them here.
WITH asked AS MATERIALIZED (
    SELECT
        $4::text::tsquery AS question,
        (
            SELECT array_agg(term::tsquery ORDER BY number)
            FROM unnest($5::text[]) WITH ORDINALITY AS given (term, number)
        ) AS terms
), candidates AS MATERIALIZED (
    SELECT
        memory_id,
        session_id,
        role,
        name,
        created_at,
        arrival,
        lexemes,
        CASE WHEN octet_length(content) <= 2000 THEN content END AS content,
        CASE WHEN octet_length(content) <= 2000 THEN hashtextextended(lower(content), 0) ELSE 0 END AS said,
        coalesce(class, 0) AS class,
        reply_id IS NOT NULL AS is_answered
    FROM sage.memories
    LEFT JOIN (
        SELECT memory_id, class, reply_id FROM sage.memory_classes
        WHERE space_id = $1 AND memory_id = ANY ($2::uuid[])
    ) AS classed USING (memory_id)
    WHERE space_id = $1 AND memory_id = ANY ($2::uuid[])
      AND coalesce(forgotten_at IS NULL, false) -- not by the index of all that is not forgotten
      AND ($8 OR superseded_at IS NULL)
), named AS (
    SELECT true AS is_candidate, * FROM candidates
    UNION ALL
    SELECT false, around.memory_id, around.session_id, around.role, around.name, around.created_at,
        around.arrival, around.lexemes, NULL, 0, 0, false
    FROM candidates AS beside
    CROSS JOIN LATERAL (
        -- include: neighbours $9
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
        content,
        said,
        class,
        is_answered,
        ts_delete(lexemes, '') AS lexemes -- nothing is deleted: it is unpacked once, not at every use
    FROM distinct_rows
), nearest AS (
    SELECT DISTINCT ON (memory_id) memory_id, embedding
    FROM sage.embeddings
    WHERE space_id = $1
      AND model_id = $6
      AND memory_id = ANY (ARRAY(SELECT memory_id FROM texts))
      AND $7::sage.half_vector IS NOT NULL
    ORDER BY memory_id, sage.vector_distance(embedding, $7)
)
SELECT
    memory_id,
    session_id,
    role,
    name,
    timestamptz_send(created_at)
    || int8send(arrival)
    || float4send(CASE
        WHEN is_candidate AND lexemes @@ question THEN ts_rank('{1, 1, 1, 1}', lexemes, question) ELSE 0
    END)
    || boolsend(is_candidate)
    || boolsend(lexemes @@ '''@asks''')
    || boolsend(lexemes @@ '''@self''')
    || boolsend(lexemes @@ '''@dated''')
    || boolsend(lexemes @@ '''@timed''')
    || int8send(said)
    || int2send(class::smallint) AS numbers,
    CASE WHEN lexemes @@ question THEN (
        SELECT string_agg(float4send(ts_rank('{1, 0, 0, 0}', lexemes, term)), '')
        FROM unnest(terms) AS given (term) -- in their order: nothing comes between
    ) END AS term_ranks,
    CASE WHEN class IN (1, 2) OR (lexemes @@ '''@asks''' AND NOT is_answered) THEN content END AS asked,
    sage.vector_bytes(nearest.embedding) AS embedding
FROM texts
CROSS JOIN asked
LEFT JOIN nearest USING (memory_id);

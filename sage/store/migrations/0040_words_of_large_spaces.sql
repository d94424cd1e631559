-- The words of a question are looked up by the index of words alone in a large space, whatever the others are like: among
-- thousands of small ones PostgreSQL takes the memories of any space for few, and reads a large one whole, once for each
-- word. And a word is known by the first memory that has it: of a million, what PostgreSQL does not list as common is in
-- up to thousands.

-- Shows what the policy does, as before. A statement names its space, too: that condition alone leads to an index, and to
-- a guess of how many memories there are. With both PostgreSQL took a large space for a part of an average one.
CREATE OR REPLACE VIEW sage.visible_memories AS
SELECT * FROM sage.memories WHERE coalesce(space_id = (SELECT current_setting('sage.space', true)), false);

-- Return the words of the memories of a space that a query matches. The planner puts the body in place of the call; what
-- is for spaces of the other size is not begun. A small space is named twice, so that PostgreSQL takes it for the few
-- memories that it is, and does not go through what all others hold of a word.
CREATE OR REPLACE FUNCTION sage.words_matching(space text, sought tsquery, is_large boolean) RETURNS SETOF tsvector
LANGUAGE sql STABLE AS $$
SELECT lexemes FROM sage.visible_memories WHERE is_large AND coalesce(space_id = space, false) AND lexemes @@ sought
UNION ALL
SELECT lexemes FROM sage.visible_memories
WHERE NOT is_large AND space_id = space AND space_id = ANY (ARRAY[space]) AND lexemes @@ sought
$$;

-- No release calls what is dropped.
-- squawk-ignore ban-drop-function
DROP FUNCTION IF EXISTS sage.search_words(text, text[], text[], text[], text[], boolean[], bigint);
-- squawk-ignore ban-drop-function
DROP FUNCTION IF EXISTS sage.search_keys(text, text[], text[], integer);

-- Return of words, each with its term or null, whether they are names of people in a space, and whether it knows them. A
-- name is what somebody speaks under, or is called by at least as often as fewest_calls says. A word with a term that is
-- only the beginning of a name is not known; one without a term always is. The first memories that settle it are read.
CREATE OR REPLACE FUNCTION sage.search_words(
    space text, words text[], terms text[], fewest_calls bigint, is_large boolean
) RETURNS TABLE (word text, is_name boolean, is_known boolean)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_indexscan = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT
        asked.word,
        EXISTS (SELECT FROM sage.words_matching(space, asked.as_speaker::tsquery, is_large))
        OR fewest_calls <= (
            SELECT count(*)
            FROM (
                SELECT FROM sage.words_matching(space, asked.as_called::tsquery, is_large) LIMIT fewest_calls
            ) AS calls
        ),
        asked.as_term IS NULL OR (
            EXISTS (SELECT FROM sage.words_matching(space, asked.as_term::tsquery, is_large))
            AND NOT EXISTS (SELECT FROM sage.words_matching(space, (asked.as_speaker || ':*')::tsquery, is_large))
        )
    FROM (
        SELECT
            word,
            quote_literal('@by:' || word) AS as_speaker,
            quote_literal('@to:' || word) AS as_called,
            quote_literal(term) AS as_term
        FROM unnest(words, terms) AS given (word, term)
    ) AS asked;
END
$$;

-- Count the memories of a space that hold each of some terms, up to most of each, and those that hold a key of a name that
-- is spelled as one of the spellings, each of which has its term. What holds a name holds its term. What none holds is
-- left out. In a large space no more than most memories are read for each; a small one may be read for each look-up, so
-- that there 32 terms are looked up at a time: for more the index takes long to get ready.
CREATE OR REPLACE FUNCTION sage.search_keys(
    space text, spellings text[], terms text[], most integer, is_large boolean
) RETURNS TABLE (lexeme text, held_by bigint)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_indexscan = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH given AS (
        SELECT spelling, term FROM unnest(spellings, terms) AS given (spelling, term)
    ), sought AS (
        SELECT DISTINCT term FROM given
    ), held AS MATERIALIZED (
        SELECT sought.term, found.times
        FROM sought
        CROSS JOIN LATERAL (
            SELECT count(*) AS times
            FROM (
                SELECT FROM sage.words_matching(space, quote_literal(sought.term)::tsquery, is_large) LIMIT most
            ) AS matching
        ) AS found
        WHERE is_large AND found.times > 0
        UNION ALL
        SELECT one.term, least(count(*), most)
        FROM (
            SELECT array_agg(term) AS terms, string_agg(quote_literal(term), '|')::tsquery AS any_of_them
            FROM (SELECT term, row_number() OVER () AS number FROM sought) AS numbered
            WHERE NOT is_large
            GROUP BY number / 32
        ) AS part
        CROSS JOIN LATERAL sage.words_matching(space, part.any_of_them, is_large) AS matching (lexemes)
        CROSS JOIN LATERAL unnest(tsvector_to_array(matching.lexemes)) AS one (term)
        WHERE one.term = ANY (part.terms)
        GROUP BY one.term
    )
    SELECT term, times FROM held
    UNION ALL
    SELECT named.key, found.times
    FROM (
        SELECT prefix || spelling AS key
        FROM held JOIN given USING (term)
        CROSS JOIN unnest(ARRAY['@by:', '@to:']) AS prefix
    ) AS named
    CROSS JOIN LATERAL (
        SELECT count(*) AS times
        FROM (
            SELECT FROM sage.words_matching(space, quote_literal(named.key)::tsquery, is_large) LIMIT most
        ) AS matching
    ) AS found
    WHERE found.times > 0;
END
$$;

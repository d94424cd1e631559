-- What a search asks about its words takes four times as long to plan as to run, and the plan is the same
-- whatever the words and the space: the index of words tells. PL/pgSQL keeps it. One that was made for a small table
-- must not read all of it when it has grown.

-- Tell of words whether they are names of people in a space, and whether it knows them. A name is what
-- somebody speaks under, or is called by at least as often as fewest_calls says. Words that are common as
-- names in some space have their terms in common_terms: the first rows found settle them. The rare ones are
-- counted, each with its term, but for a term that is common: a scan that hopes for an early end would read
-- the whole table for each word that is nobody's name, while the index knows at once.
-- A word with a term that is only the beginning of a name is not known; one without a term always is.
CREATE FUNCTION sage.search_words(
    space text, common_words text[], common_terms text[],
    rare_words text[], rare_terms text[], have_common_terms boolean[], fewest_calls bigint
) RETURNS TABLE (word text, is_name boolean, is_known boolean)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT
        common.word,
        EXISTS (
            SELECT 1
            FROM sage.visible_memories
            WHERE space_id = space AND lexemes @@ quote_literal('@by:' || common.word)::tsquery
        ) OR fewest_calls <= (
            SELECT count(*)
            FROM (
                SELECT 1
                FROM sage.visible_memories
                WHERE space_id = space AND lexemes @@ quote_literal('@to:' || common.word)::tsquery
                LIMIT fewest_calls
            ) AS calls
        ) AS is_name,
        common.term IS NULL OR (
            EXISTS (
                SELECT 1
                FROM sage.visible_memories
                WHERE space_id = space AND lexemes @@ quote_literal(common.term)::tsquery
            ) AND NOT EXISTS (
                SELECT 1
                FROM sage.visible_memories
                WHERE space_id = space AND lexemes @@ (quote_literal('@by:' || common.word) || ':*')::tsquery
            )
        ) AS is_known
    FROM unnest(common_words, common_terms) AS common (word, term)
    UNION ALL
    SELECT
        rare.word,
        named.spoken > 0 OR named.called >= fewest_calls,
        rare.as_term IS NULL OR (named.begun = 0 AND held.is_held)
    FROM (
        SELECT
            word,
            quote_literal('@by:' || word) AS as_speaker,
            quote_literal('@by:' || word) || CASE WHEN term IS NOT NULL THEN ':*' ELSE '' END AS begins,
            quote_literal('@to:' || word) AS as_called,
            quote_literal(term) AS as_term,
            is_common
        FROM unnest(rare_words, rare_terms, have_common_terms) AS given (word, term, is_common)
    ) AS rare
    CROSS JOIN LATERAL (
        SELECT
            count(*) FILTER (WHERE lexemes @@ rare.as_speaker::tsquery) AS spoken,
            count(*) FILTER (WHERE lexemes @@ rare.begins::tsquery) AS begun,
            count(*) FILTER (WHERE lexemes @@ rare.as_called::tsquery) AS called
        FROM sage.visible_memories
        WHERE space_id = space AND lexemes @@ (rare.begins || '|' || rare.as_called)::tsquery
    ) AS named
    CROSS JOIN LATERAL (
        SELECT CASE
            WHEN rare.is_common THEN EXISTS (
                SELECT 1
                FROM sage.visible_memories
                WHERE space_id = space AND lexemes @@ rare.as_term::tsquery
            )
            ELSE 0 < (
                SELECT count(*)
                FROM sage.visible_memories
                WHERE space_id = space AND lexemes @@ rare.as_term::tsquery
            )
        END AS is_held
    ) AS held;
END
$$;

-- Count the memories of a space that hold each of the keys of the index, and those of them that hold each
-- key of a name, each up to most. They are looked up 32 at a time: the index takes the square of the number
-- to get ready, and a moment for each scan. Keys that are common in some space are counted one by one, so
-- that no more than most memories are read for each.
CREATE FUNCTION sage.search_keys(space text, keys text[], common_keys text[], most integer)
RETURNS TABLE (lexeme text, held_by bigint)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT counted.lexeme, least(max(counted.times), most) AS held_by
    FROM (
        SELECT string_agg(quote_literal(key), '|')::tsquery AS any_of_them
        FROM unnest(keys) WITH ORDINALITY AS asked (key, number)
        GROUP BY number / 32
    ) AS part
    CROSS JOIN LATERAL (
        SELECT lexeme, count(*) AS times
        FROM sage.visible_memories
        CROSS JOIN LATERAL unnest(tsvector_to_array(lexemes)) AS held (lexeme)
        WHERE space_id = space
          AND lexemes @@ part.any_of_them
          AND (lexeme = ANY (keys) OR lexeme ^@ '@by:' OR lexeme ^@ '@to:')
        GROUP BY lexeme
    ) AS counted
    WHERE counted.lexeme <> ALL (common_keys)
    GROUP BY counted.lexeme
    UNION ALL
    SELECT common.key, held.times
    FROM unnest(common_keys) AS common (key)
    CROSS JOIN LATERAL (
        SELECT count(*) AS times
        FROM (
            SELECT 1
            FROM sage.visible_memories
            WHERE space_id = space AND lexemes @@ quote_literal(common.key)::tsquery
            LIMIT most
        ) AS found
    ) AS held
    WHERE held.times > 0;
END
$$;

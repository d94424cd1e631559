-- Most words of a question that many memories hold are in one of the latest, too. To find that out from the index of
-- words alone means to read all that it has of them: of a million memories, a hundred thousand entries for a common word.

-- Return the words of the latest memories of a space. It has a plan of its own: the functions that call it may use the
-- index of words only.
CREATE OR REPLACE FUNCTION sage.latest_words(space text, most integer) RETURNS SETOF tsvector
LANGUAGE sql STABLE SET enable_indexscan = on SET enable_bitmapscan = off AS $$
SELECT lexemes FROM sage.memories
WHERE space_id = space AND forgotten_at IS NULL
ORDER BY created_at DESC
LIMIT most;
$$;

-- Return of words, each with its term or null, whether they are names of people in a space, and whether it knows them. A
-- name is what somebody speaks under, or is called by at least as often as fewest_calls says. A word with a term that is
-- only the beginning of a name is not known; one without a term always is, and so is a name. The first memories that
-- settle it are read; in a large space the latest are looked at first.
CREATE OR REPLACE FUNCTION sage.search_words(
    space text, words text[], terms text[], fewest_calls bigint, is_large boolean
) RETURNS TABLE (word text, is_name boolean, is_known boolean)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_indexscan = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH latest AS MATERIALIZED (
        SELECT lexemes FROM sage.latest_words(space, CASE WHEN is_large THEN 100 ELSE 0 END) AS said (lexemes)
    ), asked AS (
        SELECT
            word,
            quote_literal('@by:' || word)::tsquery AS as_speaker,
            (quote_literal('@by:' || word) || ':*')::tsquery AS as_first_name,
            quote_literal('@to:' || word)::tsquery AS as_called,
            quote_literal(term)::tsquery AS as_term
        FROM unnest(words, terms) AS given (word, term)
    ), named AS MATERIALIZED (
        SELECT
            word,
            as_term,
            as_first_name,
            EXISTS (SELECT FROM latest WHERE lexemes @@ as_speaker)
            OR fewest_calls <= (SELECT count(*) FROM (SELECT FROM latest WHERE lexemes @@ as_called LIMIT fewest_calls) AS calls)
            OR EXISTS (SELECT FROM sage.words_matching(space, as_speaker, is_large))
            OR fewest_calls <= (
                SELECT count(*)
                FROM (
                    SELECT FROM sage.words_matching(space, as_called, is_large) LIMIT fewest_calls
                ) AS calls
            ) AS is_name
        FROM asked
    )
    SELECT
        word,
        is_name,
        as_term IS NULL OR is_name OR (
            (
                EXISTS (SELECT FROM latest WHERE lexemes @@ as_term)
                OR EXISTS (SELECT FROM sage.words_matching(space, as_term, is_large))
            ) AND NOT (
                EXISTS (SELECT FROM latest WHERE lexemes @@ as_first_name)
                OR EXISTS (SELECT FROM sage.words_matching(space, as_first_name, is_large))
            )
        )
    FROM named;
END
$$;

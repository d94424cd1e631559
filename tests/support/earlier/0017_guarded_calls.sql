-- What every guarded call does is one function, and with that one message to the server: PL/pgSQL keeps
-- the plans of its statements, for any values, and a transaction need not be begun and ended around it.

-- Whether secrets are masked in what is saved in a space; by default it is as the server is set.
ALTER TABLE sage.spaces ADD COLUMN masking text NOT NULL DEFAULT 'default'
CONSTRAINT spaces_masking_check CHECK (masking IN ('on', 'off', 'default'));

-- Find what a token opens by its digest, unless it has expired, and whether its last use was recorded
-- over a minute ago.
CREATE FUNCTION sage.look_up_token(shown bytea) RETURNS TABLE (
    token_id bigint, name text, user_name text, is_stale boolean, space_ids text[], spaces text[], roles text[]
) LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT tokens.token_id, tokens.name, tokens.user_name,
        coalesce(tokens.last_used_at < now() - interval '1 minute', true) AS is_stale,
        array_agg(spaces.id ORDER BY token_spaces.position) AS space_ids,
        array_agg(spaces.name ORDER BY token_spaces.position) AS spaces,
        array_agg(token_spaces.role ORDER BY token_spaces.position) AS roles
    FROM sage.tokens
    JOIN sage.token_spaces USING (token_id)
    JOIN sage.spaces ON spaces.id = token_spaces.space_id
    WHERE tokens.digest = shown AND coalesce(tokens.expires_at > now(), true)
    GROUP BY tokens.token_id;
END
$$;

-- Keep a conversation and its place in the embedding queue, unless its retry key holds an answer, as a
-- role that the policies bind, where there is one. Role and space end with the transaction.
-- The unique key of saves decides between concurrent senders: whoever inserts it keeps the messages.
-- What it replaces (outdated), and what that replaced, is superseded from now on.
-- An answer that does not last is replaced when it is old or something it kept was forgotten.
-- Nothing is kept, and null returned, where the space would have had its secrets masked, or not, and they
-- were not, or were: who saves does not know what the space says now.
CREATE FUNCTION sage.save_conversation(
    as_role text, space text, retry text, digest bytea, session text, ids uuid[], roles text[], names text[],
    contents text[], times timestamptz[], word_lists text[], about jsonb, lasts boolean,
    window_s double precision, outdated uuid[], by_author text, by_source text,
    is_masked boolean, by_default boolean
) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    is_new boolean;
BEGIN
    PERFORM set_config('plan_cache_mode', 'force_generic_plan', true),
        set_config('sage.spaces', ARRAY[space]::text, true), set_config('role', coalesce(as_role, 'none'), true);
    IF is_masked <> coalesce(
        (SELECT CASE masking WHEN 'default' THEN by_default ELSE masking = 'on' END FROM sage.spaces WHERE id = space),
        by_default
    ) THEN
        RETURN NULL;
    END IF;
    WITH recorded AS (
        INSERT INTO sage.saves AS earlier (space_id, retry_key, body_digest, session_id, memory_ids)
        VALUES (space, retry, digest, session, ids)
        ON CONFLICT (space_id, retry_key) DO UPDATE
        SET body_digest = excluded.body_digest, session_id = excluded.session_id,
            memory_ids = excluded.memory_ids, saved_at = excluded.saved_at
        WHERE NOT lasts AND (
            earlier.saved_at < now() - make_interval(secs => window_s)
            OR EXISTS (
                SELECT FROM sage.memories
                WHERE memories.space_id = earlier.space_id
                    AND memories.memory_id = ANY (earlier.memory_ids)
                    AND memories.forgotten_at IS NOT NULL
            )
        )
        RETURNING space_id, session_id
    ), ensured AS (
        INSERT INTO sage.sessions (space_id, session_id)
        SELECT space_id, session_id FROM recorded
        ON CONFLICT DO NOTHING
    ), kept AS (
        INSERT INTO sage.memories
            (space_id, memory_id, session_id, role, name, content, created_at, lexemes, metadata,
            author, source)
        SELECT recorded.space_id, message.memory_id, recorded.session_id, message.role, message.name,
            message.content, message.created_at, message.lexemes::tsvector, about,
            by_author, by_source
        FROM recorded,
            unnest(ids, roles, names, contents, times, word_lists) WITH ORDINALITY
                AS message (memory_id, role, name, content, created_at, lexemes, position)
        ORDER BY message.position
        RETURNING space_id, memory_id
    ), queued AS (
        INSERT INTO sage.embedding_queue (space_id, memory_id)
        SELECT space_id, memory_id FROM kept
    ), replaced AS (
        SELECT unnest(outdated) AS memory_id
        UNION
        SELECT replaced_id FROM sage.replacements WHERE space_id = space AND memory_id = ANY (outdated)
    ), linked AS (
        INSERT INTO sage.replacements (space_id, memory_id, replaced_id)
        SELECT kept.space_id, kept.memory_id, replaced.memory_id
        FROM kept CROSS JOIN replaced
    ), superseded AS (
        SELECT memory_id FROM sage.memories
        WHERE space_id = space AND memory_id IN (SELECT memory_id FROM replaced)
            AND superseded_at IS NULL AND EXISTS (SELECT FROM recorded)
        ORDER BY memory_id
        FOR NO KEY UPDATE
    ), marked AS (
        UPDATE sage.memories SET superseded_at = now()
        FROM superseded
        WHERE memories.space_id = space AND memories.memory_id = superseded.memory_id
    )
    SELECT EXISTS (SELECT FROM recorded) INTO is_new;
    RETURN is_new;
END
$$;

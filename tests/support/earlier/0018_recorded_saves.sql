-- A save is recorded in the transaction that keeps it, and each token is looked up by a function whose answer
-- is one value: rows of a function are planned for and kept aside by the statement that calls it.

-- Keep a conversation as before (migration 17), but find what it replaces by arrays of ids: a join was
-- planned for the tables as they were, which may have been empty, and read the whole space for each save.
CREATE OR REPLACE FUNCTION sage.save_conversation(
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
        WHERE space_id = space AND memory_id = ANY (ARRAY(SELECT memory_id FROM replaced))
            AND superseded_at IS NULL AND EXISTS (SELECT FROM recorded)
        ORDER BY memory_id
        FOR NO KEY UPDATE
    ), marked AS (
        UPDATE sage.memories SET superseded_at = now()
        WHERE space_id = space AND memory_id = ANY (ARRAY(SELECT memory_id FROM superseded))
    )
    SELECT EXISTS (SELECT FROM recorded) INTO is_new;
    RETURN is_new;
END
$$;

-- Record a conversation that was kept in the audit log, beside it: there is not one without the other.
-- The event is the text of a JSON object of the columns; null where none is to be recorded.
CREATE FUNCTION sage.record_save(is_new boolean, event text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    IF is_new AND event IS NOT NULL THEN
        INSERT INTO sage.audit SELECT * FROM json_populate_record(NULL::sage.audit, event::json);
    END IF;
    RETURN is_new;
END
$$;

-- A role that works in spaces adds to the log, and sees nothing of it. No release called this.
-- squawk-ignore renaming-object
ALTER FUNCTION sage.admit_application(text) RENAME TO admit_to_spaces;

CREATE FUNCTION sage.admit_application(role_name text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM sage.admit_to_spaces(role_name);
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
        EXECUTE format('GRANT INSERT ON sage.audit TO %I', role_name);
    END IF;
END
$$;

-- Find what a token opens by its digest, unless it has expired, and whether its last use was recorded
-- over a minute ago: token_id, name, user_name, is_stale, ids and names of the spaces, roles. Null where
-- there is none. No release called the one before.
-- squawk-ignore ban-drop-function
DROP FUNCTION sage.look_up_token(bytea);

CREATE FUNCTION sage.look_up_token(shown bytea) RETURNS record
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    found_one record;
BEGIN
    SELECT tokens.token_id, tokens.name, tokens.user_name,
        coalesce(tokens.last_used_at < now() - interval '1 minute', true),
        array_agg(spaces.id ORDER BY token_spaces.position),
        array_agg(spaces.name ORDER BY token_spaces.position),
        array_agg(token_spaces.role ORDER BY token_spaces.position)
    INTO found_one
    FROM sage.tokens
    JOIN sage.token_spaces USING (token_id)
    JOIN sage.spaces ON spaces.id = token_spaces.space_id
    WHERE tokens.digest = shown AND coalesce(tokens.expires_at > now(), true)
    GROUP BY tokens.token_id;
    IF FOUND THEN
        RETURN found_one;
    END IF;
    RETURN NULL;
END
$$;

-- Tell whether the token that a grant was made with, whose digest was kept then, is as it was: not rotated,
-- not expired, and SAGE_TOKEN, which has no token_id, not another.
CREATE FUNCTION sage.still_opens(
    token_id bigint, kept_digest bytea, token_digest bytea, expires_at timestamptz, server_digest bytea
) RETURNS boolean LANGUAGE sql STABLE
RETURN CASE WHEN token_id IS NULL THEN kept_digest = server_digest
    ELSE kept_digest = token_digest AND coalesce(expires_at > now(), true) END;

-- Find what an access token of an app opens by its digest, and whether its last use was recorded over a
-- minute ago: grant_id, scopes, user_name, author, is_stale, ids and names of the spaces, roles. There is no
-- author, and there are no spaces, where SAGE_TOKEN was signed in with. Null where there is no such token.
CREATE FUNCTION sage.look_up_oauth_token(server_digest bytea, shown bytea) RETURNS record
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    found_one record;
BEGIN
    SELECT grants.grant_id, secrets.scopes, tokens.user_name, coalesce(tokens.user_name, tokens.name),
        coalesce(grants.last_used_at < now() - interval '1 minute', true),
        array_agg(spaces.id ORDER BY token_spaces.position),
        array_agg(spaces.name ORDER BY token_spaces.position),
        array_agg(token_spaces.role ORDER BY token_spaces.position)
    INTO found_one
    FROM sage.oauth_secrets AS secrets
    JOIN sage.oauth_grants AS grants USING (grant_id)
    LEFT JOIN sage.tokens ON tokens.token_id = grants.token_id
    LEFT JOIN sage.token_spaces ON token_spaces.token_id = tokens.token_id
    LEFT JOIN sage.spaces ON spaces.id = token_spaces.space_id
    WHERE secrets.digest = shown AND secrets.kind = 'access' AND secrets.expires_at > now()
        AND sage.still_opens(
            grants.token_id, grants.token_digest, tokens.digest, tokens.expires_at, server_digest
        )
    GROUP BY grants.grant_id, secrets.digest, tokens.token_id;
    IF FOUND THEN
        RETURN found_one;
    END IF;
    RETURN NULL;
END
$$;

-- Keep a conversation as before (migration 26); what it replaces is marked by a statement of its own, where it replaces
-- anything. A statement opens all tables that it may write, with their indexes, whether it does or not: that took as
-- long as the classes of its messages do. The text of the function is given whole, as PostgreSQL asks for it.
CREATE OR REPLACE FUNCTION sage.keep_conversation(
    as_role text, space text, retry text, digest bytea, session text, ids uuid[], roles text[], names text[],
    contents text[], times timestamptz[], word_lists text[], about jsonb, lasts boolean,
    window_s double precision, outdated uuid[], by_author text, by_source text,
    is_masked boolean, by_default boolean,
    classes smallint[], rules smallint, replies uuid[], asked uuid[], answers uuid[]
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
    ), classed AS (
        INSERT INTO sage.memory_classes (space_id, memory_id, class, rules_version, reply_id)
        SELECT recorded.space_id, message.memory_id, coalesce(message.class, 0::smallint),
            CASE WHEN message.class IS NULL THEN 0 ELSE rules END, message.reply_id
        FROM recorded, unnest(ids, classes, replies) AS message (memory_id, class, reply_id)
        RETURNING space_id, memory_id, class
    ), queued AS (
        INSERT INTO sage.embedding_queue (space_id, memory_id)
        SELECT space_id, memory_id FROM classed WHERE sage.is_ranked(class)
    )
    SELECT EXISTS (SELECT FROM recorded) INTO is_new;
    IF is_new AND outdated <> '{}' THEN
        WITH replaced AS (
            SELECT unnest(outdated) AS memory_id
            UNION
            SELECT replaced_id FROM sage.replacements WHERE space_id = space AND memory_id = ANY (outdated)
        ), linked AS (
            INSERT INTO sage.replacements (space_id, memory_id, replaced_id)
            SELECT space, kept.memory_id, replaced.memory_id
            FROM unnest(ids) AS kept (memory_id) CROSS JOIN replaced
        ), superseded AS (
            SELECT memory_id FROM sage.memories
            WHERE space_id = space AND memory_id = ANY (ARRAY(SELECT memory_id FROM replaced))
                AND superseded_at IS NULL
            ORDER BY memory_id
            FOR NO KEY UPDATE
        )
        UPDATE sage.memories SET superseded_at = now()
        WHERE space_id = space AND memory_id = ANY (ARRAY(SELECT memory_id FROM superseded));
    END IF;
    IF is_new AND asked <> '{}' THEN
        UPDATE sage.memory_classes SET reply_id = link.answer
        FROM unnest(asked, answers) AS link (question, answer)
        WHERE space_id = space AND memory_id = link.question;
    END IF;
    RETURN is_new;
END
$$;

-- What kind of message each memory is, and what answers a question. A table of its own: what is stored already is
-- classed without rewriting rows that carry word indexes. A memory without a row counts as a statement.

-- class: statement 0, question 1, request 2, answer 3, non-answer 4, acknowledgement 5, remark 6, pasted 7,
-- quotation 8. rules_version: which rules said so; 0 where the rules are to be applied again.
-- reply_id: of a question or request, the newest memory that answers it with substance. It never names one that is
-- forgotten, superseded or deleted.
CREATE TABLE sage.memory_classes (
    space_id      text     NOT NULL,
    memory_id     uuid     NOT NULL,
    class         smallint NOT NULL CHECK (class BETWEEN 0 AND 8),
    rules_version smallint NOT NULL CHECK (rules_version >= 0),
    reply_id      uuid CHECK (reply_id <> memory_id),
    PRIMARY KEY (space_id, memory_id),
    FOREIGN KEY (space_id, memory_id) REFERENCES sage.memories (space_id, memory_id) ON DELETE CASCADE
);

CREATE INDEX memory_classes_by_reply ON sage.memory_classes (space_id, reply_id) WHERE reply_id IS NOT NULL;
CREATE INDEX memory_classes_due ON sage.memory_classes (space_id, memory_id) WHERE rules_version = 0;

ALTER TABLE sage.memory_classes ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_visible_spaces ON sage.memory_classes
USING (coalesce(space_id = ANY ((SELECT sage.visible_spaces())::text[]), false));

-- Return whether memories of a class are found by themselves: what is not gets no vector.
CREATE FUNCTION sage.is_ranked(class smallint) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN class NOT IN (4, 5, 6, 8);

-- Withdraw a memory from the questions that it answers where it is forgotten, superseded or deleted; have the rules
-- applied again to them, and to what is current again or says something else. So it is whoever does it, a release
-- that knows no classes, too.
CREATE FUNCTION sage.class_again() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR NEW.forgotten_at IS NOT NULL OR NEW.superseded_at IS NOT NULL THEN
        UPDATE sage.memory_classes SET reply_id = NULL, rules_version = 0
        WHERE space_id = OLD.space_id AND reply_id = OLD.memory_id;
    ELSE
        INSERT INTO sage.memory_classes (space_id, memory_id, class, rules_version)
        VALUES (NEW.space_id, NEW.memory_id, 0, 0)
        ON CONFLICT (space_id, memory_id) DO UPDATE SET rules_version = 0;
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER memories_change AFTER UPDATE OF content, forgotten_at, superseded_at OR DELETE ON sage.memories
FOR EACH ROW EXECUTE FUNCTION sage.class_again();

-- Keep a conversation as before (migration 18), with the classes of its messages, in their order, and what replies to
-- which of them (`replies`; null for none); of what was saved before, `answers` answer now what `asked`. What is not
-- ranked is not queued. Without classes the rules are still to be applied.
CREATE FUNCTION sage.keep_conversation(
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
    IF is_new AND asked <> '{}' THEN
        UPDATE sage.memory_classes SET reply_id = link.answer
        FROM unnest(asked, answers) AS link (question, answer)
        WHERE space_id = space AND memory_id = link.question;
    END IF;
    RETURN is_new;
END
$$;

-- For processes of the release before, which run on while another is started.
CREATE OR REPLACE FUNCTION sage.save_conversation(
    as_role text, space text, retry text, digest bytea, session text, ids uuid[], roles text[], names text[],
    contents text[], times timestamptz[], word_lists text[], about jsonb, lasts boolean,
    window_s double precision, outdated uuid[], by_author text, by_source text,
    is_masked boolean, by_default boolean
) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    RETURN sage.keep_conversation(
        as_role, space, retry, digest, session, ids, roles, names, contents, times, word_lists, about, lasts,
        window_s, outdated, by_author, by_source, is_masked, by_default, NULL, 0::smallint, NULL, NULL, NULL
    );
END
$$;

CREATE OR REPLACE FUNCTION sage.admit_application(role_name text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM sage.admit_to_spaces(role_name);
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
        EXECUTE format('GRANT INSERT ON sage.audit TO %I', role_name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON sage.memory_classes TO %I', role_name);
    END IF;
END
$$;

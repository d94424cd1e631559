-- What the console and the lists read instead of all messages: what was said in each session on each day, and memories
-- in the order in which they were kept.
--
-- Whatever is kept, forgotten, restored or deleted while this runs waits for it: what is there is counted once, some
-- seconds for a million memories.
-- squawk-ignore-file require-concurrent-index-creation

LOCK TABLE sage.memories IN SHARE MODE;


-- What was said in a session on a day (UTC), without what is forgotten, where a message that was split for its length
-- counts once. Whoever keeps memories adds to it; whoever forgets, restores, deletes or changes them has
-- sage.count_sessions count again; both in the same transaction.
-- project, source, author: of the latest memory of that day that has one; source as sage.source_of tells it.
CREATE TABLE sage.session_days (
    space_id   text        NOT NULL,
    session_id text        NOT NULL,
    day        date        NOT NULL,
    memories   integer     NOT NULL CHECK (memories > 0),
    first_at   timestamptz NOT NULL,
    last_at    timestamptz NOT NULL,
    project    text,
    source     text,
    author     text,
    PRIMARY KEY (space_id, session_id, day)
) WITH (fillfactor = 80); -- the row of today is written again with each save

CREATE INDEX session_days_by_day ON sage.session_days (space_id, day);

-- Finds memories in the order in which they were kept.
CREATE INDEX memories_by_keeping ON sage.memories (space_id, saved_at, arrival) WHERE forgotten_at IS NULL;

CREATE FUNCTION sage.utc_day(moment timestamptz) RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (moment AT TIME ZONE 'UTC')::date;

-- Return the project that a memory with such metadata belongs to, by the name that it was saved under.
CREATE FUNCTION sage.project_in(metadata jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN jsonb_typeof(metadata -> 'project') = 'string' THEN metadata ->> 'project' END;

-- Return the client that a memory came from, by its source, or the way that it came in.
CREATE FUNCTION sage.client_of(source text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN regexp_replace(coalesce(source, 'unknown'), '^(hook|import):', '');

-- Count sessions again, each on a day, or on all days where that is null; return how many days are gone. Saves into them wait meanwhile: the rows of
-- sessions are locked before their memories are counted. What is forgotten is left out by a condition that is not the one
-- of memories_by_time: where nothing is known of the table yet, that index would be read whole for each session.
CREATE FUNCTION sage.count_sessions(space text, session_ids text[], days date[]) RETURNS bigint
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    fewer bigint;
    there bigint;
BEGIN
    PERFORM FROM sage.sessions
    WHERE space_id = space AND session_id = ANY (session_ids)
    ORDER BY session_id
    FOR UPDATE;
    DELETE FROM sage.session_days AS kept
    USING unnest(session_ids, days) AS given (session_id, day)
    WHERE kept.space_id = space AND kept.session_id = given.session_id
        AND (given.day IS NULL OR kept.day = given.day);
    GET DIAGNOSTICS fewer = ROW_COUNT;
    INSERT INTO sage.session_days
        (space_id, session_id, day, memories, first_at, last_at, project, source, author)
    SELECT space, given.session_id, counted.*
    FROM (SELECT DISTINCT * FROM unnest(session_ids, days) AS named (session_id, day)) AS given
    CROSS JOIN LATERAL (
        SELECT sage.utc_day(created_at), count(*), min(created_at), max(created_at),
            (array_agg(sage.project_in(metadata) ORDER BY created_at DESC, arrival DESC)
                FILTER (WHERE sage.project_in(metadata) IS NOT NULL))[1],
            (array_agg(sage.source_of(source, import_id, metadata) ORDER BY created_at DESC, arrival DESC)
                FILTER (WHERE source IS NOT NULL OR import_id IS NOT NULL))[1],
            (array_agg(author ORDER BY created_at DESC, arrival DESC) FILTER (WHERE author IS NOT NULL))[1]
        FROM sage.memories
        WHERE memories.space_id = space AND memories.session_id = given.session_id
            AND coalesce(forgotten_at, 'infinity') = 'infinity'
            AND created_at >= coalesce(given.day::timestamp AT TIME ZONE 'UTC', '-infinity')
            AND created_at < coalesce((given.day + 1)::timestamp AT TIME ZONE 'UTC', 'infinity')
            AND NOT EXISTS (
                SELECT FROM sage.memory_classes AS part
                WHERE part.space_id = space AND part.memory_id = memories.memory_id AND part.extent > 2
                OFFSET 0
            )
        GROUP BY 1
    ) AS counted;
    GET DIAGNOSTICS there = ROW_COUNT;
    RETURN fewer - there;
END
$$;

INSERT INTO sage.session_days
    (space_id, session_id, day, memories, first_at, last_at, project, source, author)
SELECT space_id, session_id, sage.utc_day(created_at), count(*), min(created_at), max(created_at),
    (array_agg(sage.project_in(metadata) ORDER BY created_at DESC, arrival DESC)
        FILTER (WHERE sage.project_in(metadata) IS NOT NULL))[1],
    (array_agg(sage.source_of(source, import_id, metadata) ORDER BY created_at DESC, arrival DESC)
        FILTER (WHERE source IS NOT NULL OR import_id IS NOT NULL))[1],
    (array_agg(author ORDER BY created_at DESC, arrival DESC) FILTER (WHERE author IS NOT NULL))[1]
FROM sage.memories
WHERE forgotten_at IS NULL AND NOT EXISTS (
    SELECT FROM sage.memory_classes AS part
    WHERE part.space_id = memories.space_id AND part.memory_id = memories.memory_id AND part.extent > 2
)
GROUP BY 1, 2, 3;


-- Saves add to it.

CREATE OR REPLACE FUNCTION sage.keep_conversation(
    as_role text, space text, retry text, digest bytea, session text, ids uuid[], roles text[], names text[],
    contents text[], times timestamptz[], word_lists text[], about jsonb, lasts boolean,
    window_s double precision, outdated uuid[], by_author text, by_source text,
    is_masked boolean, by_default boolean,
    classes smallint[], rules smallint, replies uuid[], asked uuid[], answers uuid[]
) RETURNS boolean LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    earlier record;
BEGIN
    PERFORM set_config('sage.space', space, true), set_config('role', coalesce(as_role, 'none'), true);
    IF is_masked <> coalesce(
        (SELECT CASE masking WHEN 'default' THEN by_default ELSE masking = 'on' END FROM sage.spaces WHERE id = space),
        by_default
    ) THEN
        RETURN NULL;
    END IF;
    INSERT INTO sage.saves (space_id, retry_key, body_digest, session_id, memory_ids)
    VALUES (space, retry, digest, session, ids)
    ON CONFLICT (space_id, retry_key) DO NOTHING;
    IF NOT FOUND THEN
        IF lasts THEN
            RETURN false;
        END IF;
        SELECT memory_ids, saved_at < now() - make_interval(secs => window_s) AS is_old INTO earlier
        FROM sage.saves WHERE space_id = space AND retry_key = retry
        FOR UPDATE;
        IF NOT FOUND THEN
            RETURN false;
        END IF;
        IF NOT earlier.is_old THEN
            PERFORM FROM sage.memories
            WHERE space_id = space AND memory_id = ANY (earlier.memory_ids) AND forgotten_at IS NOT NULL;
            IF NOT FOUND THEN
                RETURN false;
            END IF;
        END IF;
        UPDATE sage.saves
        SET body_digest = digest, session_id = session, memory_ids = ids, saved_at = now()
        WHERE space_id = space AND retry_key = retry;
    END IF;
    INSERT INTO sage.sessions (space_id, session_id) VALUES (space, session) ON CONFLICT DO NOTHING;
    INSERT INTO sage.memories
        (space_id, memory_id, session_id, role, name, content, created_at, lexemes, metadata, author, source)
    SELECT space, message.memory_id, session, message.role, message.name, message.content, message.created_at,
        message.lexemes::tsvector, about, by_author, by_source
    FROM unnest(ids, roles, names, contents, times, word_lists) WITH ORDINALITY
        AS message (memory_id, role, name, content, created_at, lexemes, position)
    ORDER BY message.position;
    INSERT INTO sage.memory_classes (space_id, memory_id, class, rules_version, reply_id)
    SELECT space, message.memory_id, coalesce(message.class, 0::smallint),
        CASE WHEN message.class IS NULL THEN 0 ELSE rules END, message.reply_id
    FROM unnest(ids, classes, replies) AS message (memory_id, class, reply_id);
    INSERT INTO sage.embedding_queue (space_id, memory_id)
    SELECT space, message.memory_id
    FROM unnest(ids, classes) AS message (memory_id, class)
    WHERE sage.is_ranked(coalesce(message.class, 0::smallint));
    INSERT INTO sage.session_days AS kept
        (space_id, session_id, day, memories, first_at, last_at, project, source, author)
    SELECT space, session, sage.utc_day(message.created_at), count(*), min(message.created_at),
        max(message.created_at), sage.project_in(about), by_source, by_author
    FROM unnest(times) AS message (created_at)
    GROUP BY 3
    ORDER BY 3
    ON CONFLICT (space_id, session_id, day) DO UPDATE SET
        memories = kept.memories + excluded.memories,
        first_at = least(kept.first_at, excluded.first_at),
        last_at = greatest(kept.last_at, excluded.last_at),
        project = CASE WHEN excluded.last_at < kept.last_at THEN coalesce(kept.project, excluded.project)
            ELSE coalesce(excluded.project, kept.project) END,
        source = CASE WHEN excluded.last_at < kept.last_at THEN coalesce(kept.source, excluded.source)
            ELSE coalesce(excluded.source, kept.source) END,
        author = CASE WHEN excluded.last_at < kept.last_at THEN coalesce(kept.author, excluded.author)
            ELSE coalesce(excluded.author, kept.author) END;
    IF outdated <> '{}' THEN
        outdated := ARRAY(
            SELECT unnest(outdated)
            UNION
            SELECT replaced_id FROM sage.replacements WHERE space_id = space AND memory_id = ANY (outdated)
        );
        INSERT INTO sage.replacements (space_id, memory_id, replaced_id)
        SELECT space, kept.memory_id, replaced.memory_id
        FROM unnest(ids) AS kept (memory_id) CROSS JOIN unnest(outdated) AS replaced (memory_id);
        PERFORM FROM sage.memories
        WHERE space_id = space AND memory_id = ANY (outdated) AND superseded_at IS NULL
        ORDER BY memory_id
        FOR NO KEY UPDATE;
        UPDATE sage.memories SET superseded_at = now()
        WHERE space_id = space AND memory_id = ANY (outdated) AND superseded_at IS NULL;
        UPDATE sage.memory_classes SET reply_id = NULL, rules_version = 0
        WHERE space_id = space AND reply_id = ANY (outdated);
    END IF;
    IF asked <> '{}' THEN
        UPDATE sage.memory_classes SET reply_id = link.answer
        FROM unnest(asked, answers) AS link (question, answer)
        WHERE space_id = space AND memory_id = link.question;
    END IF;
    RETURN true;
END
$$;


-- The role that works for spaces sees it, and of it the rows of one space.

ALTER TABLE sage.session_days ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_visible_spaces ON sage.session_days USING (space_id = current_setting('sage.space', true));

CREATE OR REPLACE FUNCTION sage.admit_application(role_name text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    owner_is_exempt boolean := (SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user);
    fenced record;
BEGIN
    FOR fenced IN
        SELECT DISTINCT relname, relforcerowsecurity
        FROM pg_class
        WHERE relnamespace = 'sage'::regnamespace AND relkind = 'r' AND relrowsecurity
            AND relforcerowsecurity <> owner_is_exempt
    LOOP
        EXECUTE format(
            'ALTER TABLE sage.%I %s ROW LEVEL SECURITY',
            fenced.relname, CASE WHEN owner_is_exempt THEN 'FORCE' ELSE 'NO FORCE' END
        );
    END LOOP;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
        BEGIN
            EXECUTE format('CREATE ROLE %I NOLOGIN', role_name);
            IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
                EXECUTE format('GRANT %I TO %I', role_name, current_user);
            END IF;
        EXCEPTION
            WHEN insufficient_privilege THEN RETURN;
            WHEN duplicate_object OR unique_violation THEN NULL; -- made for another database just now
        END;
    END IF;
    EXECUTE format('GRANT USAGE ON SCHEMA sage TO %I', role_name);
    EXECUTE format(
        'GRANT SELECT, INSERT, UPDATE, DELETE ON sage.sessions, sage.memories, sage.replacements, sage.saves,'
        ' sage.memory_classes, sage.session_days, sage.project_names, sage.project_identities,'
        ' sage.embeddings, sage.unlinked_embeddings, sage.embedding_queue TO %I', role_name
    );
    EXECUTE format('GRANT USAGE ON SEQUENCE sage.memories_arrival_seq TO %I', role_name);
    EXECUTE format(
        'GRANT SELECT ON sage.visible_memories, sage.embedding_models, sage.active_model TO %I', role_name
    );
    -- To read it FOR SHARE takes the right to update a column: of this one, which has one value only.
    EXECUTE format('GRANT UPDATE (singleton) ON sage.active_model TO %I', role_name);
    EXECUTE format('GRANT SELECT, INSERT ON sage.spaces TO %I', role_name);
    EXECUTE format('GRANT INSERT ON sage.audit TO %I', role_name);
END
$$;

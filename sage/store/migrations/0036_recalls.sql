-- What sessions of AI clients were given: on which occasion, which memories, how relevant. No text of a question or of a
-- memory is in it. And which memories were marked as not useful then.

-- Keys the hashes of words of a space, below.
-- squawk-ignore adding-field-with-default
ALTER TABLE sage.spaces ADD COLUMN IF NOT EXISTS word_key bytea NOT NULL DEFAULT uuid_send(gen_random_uuid());

-- One row an occasion, for as many days as SAGE_RECALL_LOG_DAYS says.
-- recall_id: a UUID of version 7, so that they are in the order of time.
-- occasion: start, prompt and edit: of a hook; search and context: of a tool.
-- session_id, project, client: null where the caller named none. author: the name that the caller saves under, or null.
-- words: keyed hashes of 14 bits of the words that were asked for, so that a like question is known again. Each stands
-- for dozens of words, whoever has the key.
CREATE TABLE IF NOT EXISTS sage.recalls (
    space_id   text        NOT NULL,
    recall_id  uuid        NOT NULL,
    at         timestamptz NOT NULL,
    occasion   text        NOT NULL CHECK (occasion IN ('start', 'prompt', 'edit', 'search', 'context')),
    session_id text,
    project    text,
    client     text,
    author     text,
    relevance  text        CHECK (relevance IN ('strong', 'weak', 'none', 'unknown')),
    words      smallint[]  NOT NULL,
    PRIMARY KEY (space_id, recall_id)
);

CREATE INDEX IF NOT EXISTS recalls_by_session ON sage.recalls (space_id, session_id, recall_id)
WHERE session_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS recalls_by_time ON sage.recalls (at);

-- The memories of an occasion. place: 0 for the first. probability: how likely it answers; null where that was not judged.
CREATE TABLE IF NOT EXISTS sage.recalled_memories (
    space_id    text     NOT NULL,
    recall_id   uuid     NOT NULL,
    memory_id   uuid     NOT NULL,
    place       smallint NOT NULL,
    probability real,
    PRIMARY KEY (space_id, recall_id, memory_id),
    FOREIGN KEY (space_id, recall_id) REFERENCES sage.recalls (space_id, recall_id) ON DELETE CASCADE,
    FOREIGN KEY (space_id, memory_id) REFERENCES sage.memories (space_id, memory_id) ON DELETE CASCADE
);

-- Tells whether a memory was ever handed out, and when last.
CREATE INDEX IF NOT EXISTS recalled_memories_by_memory ON sage.recalled_memories (space_id, memory_id, recall_id);

-- Memories that were not useful on an occasion, kept until that is taken back. occasion, project and words are those of
-- the occasion, which is kept for its time only.
CREATE TABLE IF NOT EXISTS sage.not_useful (
    space_id  text        NOT NULL,
    memory_id uuid        NOT NULL,
    recall_id uuid        NOT NULL,
    occasion  text        NOT NULL,
    project   text,
    words     smallint[]  NOT NULL,
    marked_at timestamptz NOT NULL DEFAULT now(),
    marked_by text,
    PRIMARY KEY (space_id, memory_id, recall_id),
    FOREIGN KEY (space_id, memory_id) REFERENCES sage.memories (space_id, memory_id) ON DELETE CASCADE
);


-- The role that works for spaces sees them, and of them the rows of one space.

ALTER TABLE sage.recalls ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_visible_spaces ON sage.recalls USING (space_id = current_setting('sage.space', true));
ALTER TABLE sage.recalled_memories ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_visible_spaces ON sage.recalled_memories USING (space_id = current_setting('sage.space', true));
ALTER TABLE sage.not_useful ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_visible_spaces ON sage.not_useful USING (space_id = current_setting('sage.space', true));

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
        ' sage.recalls, sage.recalled_memories, sage.not_useful,'
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

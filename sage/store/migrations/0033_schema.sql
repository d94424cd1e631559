-- The whole schema, for a database that has nothing of Sage yet. What comes later is added in files of their own.
--
-- A table of a space has space_id, and every primary, unique and foreign key of it begins with that: the tables can be
-- distributed, or partitioned, by space. So that they can, none of them has an identity column or a trigger, their
-- policies have no sub-select, and a save sends one statement after the other, each to one space.
--
-- What exists is left as it is: a database of an earlier version is brought up to this one by earlier/upgrade.sql, and
-- by this file after it.


-- SPACES. Memories are kept apart by space.

-- The name may change, the id does not. `masking`: whether secrets are masked in what is saved; by default as the
-- server is set. `retention_days`: how long memories are kept; null for ever.
CREATE TABLE IF NOT EXISTS sage.spaces (
    id             text        PRIMARY KEY,
    name           text        NOT NULL UNIQUE,
    created_at     timestamptz NOT NULL DEFAULT now(),
    retention_days integer     CHECK (retention_days > 0),
    masking        text        NOT NULL DEFAULT 'default' CHECK (masking IN ('on', 'off', 'default'))
);

INSERT INTO sage.spaces (id, name)
SELECT 'default', 'default' WHERE NOT EXISTS (SELECT FROM sage.schema_migrations);


-- MEMORIES. What was said, message by message, in sessions.

CREATE TABLE IF NOT EXISTS sage.sessions (
    space_id   text        NOT NULL,
    session_id text        NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (space_id, session_id)
);

-- Numbers what is kept, in all spaces. An identity column would do the same, but cannot be distributed.
CREATE SEQUENCE IF NOT EXISTS sage.memories_arrival_seq;

-- One message a row. Order inside a session: created_at, then arrival, which decides between messages of one moment.
-- Numbers of arrival only grow on one node. Where tables are distributed, each node has numbers of its own: messages of
-- one session that have one created_at, saved before and after its space moved to another node, may be told in another
-- order than they came in; nothing else depends on it, since no number is drawn twice and none is kept elsewhere.
-- author: the name that the server takes from a token, or null.
-- source: tool, rest, cli, or hook:CLIENT; null where it was not recorded. import_id: the run that brought it.
-- superseded_at: since when a memory that is not forgotten replaces this one; null while it is current.
CREATE TABLE IF NOT EXISTS sage.memories (
    space_id      text        NOT NULL,
    memory_id     uuid        NOT NULL,
    session_id    text        NOT NULL,
    arrival       bigint      NOT NULL DEFAULT nextval('sage.memories_arrival_seq'::regclass),
    role          text        NOT NULL CHECK (role IN ('user', 'assistant', 'system', 'tool')),
    name          text,
    content       text        NOT NULL CHECK (content <> ''),
    created_at    timestamptz NOT NULL CHECK (isfinite(created_at)),
    saved_at      timestamptz NOT NULL DEFAULT now(),
    forgotten_at  timestamptz,
    metadata      jsonb       NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(metadata) = 'object'),
    -- Weight A: speaker and date; D: the words of the message.
    lexemes       tsvector    NOT NULL,
    superseded_at timestamptz,
    import_id     uuid,
    author        text,
    source        text,
    PRIMARY KEY (space_id, memory_id),
    FOREIGN KEY (space_id, session_id) REFERENCES sage.sessions (space_id, session_id)
);

-- session_id leads: with space_id first, a planner without statistics takes this index, and reads a whole space, where
-- it should look up one memory by its key.
CREATE INDEX IF NOT EXISTS memories_by_session ON sage.memories (session_id, space_id, created_at, arrival);
-- Also the smallest index that holds each live memory once: counting reads it alone.
CREATE INDEX IF NOT EXISTS memories_by_time ON sage.memories (space_id, created_at) WHERE forgotten_at IS NULL;
CREATE INDEX IF NOT EXISTS memories_forgotten ON sage.memories (forgotten_at) WHERE forgotten_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS memories_by_import ON sage.memories (import_id) WHERE import_id IS NOT NULL;
-- Words and metadata are indexed as a memory is saved, not in a list that vacuum empties: each search would read that
-- list, and by its length PostgreSQL believes the index so dear that it reads whole spaces for each word of a question.
CREATE INDEX IF NOT EXISTS memories_lexemes ON sage.memories USING gin (lexemes) WITH (fastupdate = off);
CREATE INDEX IF NOT EXISTS memories_metadata ON sage.memories USING gin (metadata jsonb_path_ops)
WITH (fastupdate = off);

-- Return how a memory came in. An import names in the metadata what it was taken from; a file of Sage may name nothing.
CREATE OR REPLACE FUNCTION sage.source_of(source text, import_id uuid, metadata jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN import_id IS NULL THEN source
    ELSE 'import:' || left(coalesce(metadata ->> 'source', 'sage'), 40)
END;

-- Which memories say anew what older ones said. Of a chain every link is kept, so that what is current can be told when
-- one in the middle is forgotten. What is replaced may arrive later, in an import, so that nothing requires it to be
-- there.
CREATE TABLE IF NOT EXISTS sage.replacements (
    space_id    text NOT NULL,
    memory_id   uuid NOT NULL,
    replaced_id uuid NOT NULL CHECK (replaced_id <> memory_id),
    PRIMARY KEY (space_id, memory_id, replaced_id),
    FOREIGN KEY (space_id, memory_id) REFERENCES sage.memories (space_id, memory_id) ON DELETE CASCADE
);

CREATE INDEX IF NOT EXISTS replacements_by_replaced ON sage.replacements (space_id, replaced_id, memory_id);

-- Answers already given, so that a save sent twice is kept once. retry_key: the caller's idempotency key, or a digest
-- of session and messages.
CREATE TABLE IF NOT EXISTS sage.saves (
    space_id    text        NOT NULL,
    retry_key   text        NOT NULL,
    body_digest bytea       NOT NULL,
    session_id  text        NOT NULL,
    memory_ids  uuid[]      NOT NULL CHECK (cardinality(memory_ids) > 0),
    saved_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (space_id, retry_key)
);

CREATE INDEX IF NOT EXISTS saves_by_time ON sage.saves (saved_at);


-- CLASSES. What kind of message each memory is, and what answers a question.

-- A table of its own: what is stored is classed without rewriting rows that carry word indexes. A memory without a row
-- counts as a statement.
-- class: statement 0, question 1, request 2, answer 3, non-answer 4, acknowledgement 5, remark 6, pasted 7,
-- quotation 8.
-- rules_version: which rules said so; 0 where the rules are to be applied again.
-- reply_id: of a question or request, the newest memory that answers it with substance. It never names one that is
-- forgotten, superseded or deleted: whoever makes a memory so withdraws it here, in the same transaction.
-- extent: how much of the memory gets vectors: the whole 0, both ends 1, its beginning 2, its end 3, nothing 4.
CREATE TABLE IF NOT EXISTS sage.memory_classes (
    space_id      text     NOT NULL,
    memory_id     uuid     NOT NULL,
    class         smallint NOT NULL CHECK (class BETWEEN 0 AND 8),
    rules_version smallint NOT NULL CHECK (rules_version >= 0),
    reply_id      uuid     CHECK (reply_id <> memory_id),
    extent        smallint NOT NULL DEFAULT 0 CHECK (extent BETWEEN 0 AND 4),
    PRIMARY KEY (space_id, memory_id),
    FOREIGN KEY (space_id, memory_id) REFERENCES sage.memories (space_id, memory_id) ON DELETE CASCADE
);

CREATE INDEX IF NOT EXISTS memory_classes_by_reply ON sage.memory_classes (space_id, reply_id)
WHERE reply_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS memory_classes_due ON sage.memory_classes (space_id, memory_id) WHERE rules_version = 0;
-- Parts of split messages for which the first one stands in lists: there are hardly any.
CREATE INDEX IF NOT EXISTS memory_classes_later_parts ON sage.memory_classes (space_id, memory_id) WHERE extent > 2;
-- Messages that a search leaves out. It asks of each that it finds, and of those around it, whether it is one of these;
-- most are not, and so no row of theirs is read.
CREATE INDEX IF NOT EXISTS memory_classes_vain ON sage.memory_classes (space_id, memory_id) INCLUDE (class)
WHERE reply_id IS NULL AND class IN (1, 2, 4, 5, 6, 8);

-- Return whether memories of a class are found by themselves: what is not gets no vector.
CREATE OR REPLACE FUNCTION sage.is_ranked(class smallint) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN class NOT IN (4, 5, 6, 8);

-- Return whether a memory gets vectors at all.
CREATE OR REPLACE FUNCTION sage.is_embedded(class smallint, extent smallint) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN sage.is_ranked(class) AND extent <> 4;


-- PROJECTS. What a project is called, beside the `project` in the metadata of its memories: to rename or merge projects
-- by their memories would rewrite rows that carry word indexes. The names of a project are a tree: each leads to
-- another one, and the one that leads nowhere is what the project is called now.

-- What was saved, and will be, under `name` belongs to the project of that other name.
CREATE TABLE IF NOT EXISTS sage.project_names (
    space_id text NOT NULL,
    name     text NOT NULL,
    project  text NOT NULL CHECK (project <> name),
    PRIMARY KEY (space_id, name)
);

-- By what the repository of a project can be known on another machine, or in another folder: SHA-256 of its first
-- commit, and of the address that it was cloned from.
CREATE TABLE IF NOT EXISTS sage.project_identities (
    space_id text        NOT NULL,
    identity bytea       NOT NULL CHECK (octet_length(identity) = 32),
    name     text        NOT NULL,
    seen_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (space_id, identity, name)
);

-- Return what a project is called now, by any of its names: that name itself where it leads nowhere.
CREATE OR REPLACE FUNCTION sage.project_of(space text, any_name text) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
    found_name text := any_name;
    next_name text;
BEGIN
    FOR step IN 1..1000 LOOP -- rows of a backup that was made up may lead round in a ring
        SELECT project INTO next_name FROM sage.project_names WHERE space_id = space AND name = found_name;
        EXIT WHEN next_name IS NULL;
        found_name := next_name;
    END LOOP;
    RETURN found_name;
END
$$;

-- Return all names of a project, by any of them: what it is called now comes first.
CREATE OR REPLACE FUNCTION sage.names_of_project(space text, any_name text) RETURNS text[]
LANGUAGE plpgsql STABLE AS $$
DECLARE
    names text[] := ARRAY[sage.project_of(space, any_name)];
    more text[] := names;
BEGIN
    LOOP
        SELECT array_agg(name ORDER BY name) INTO more FROM sage.project_names
        WHERE space_id = space AND project = ANY (more) AND name <> ALL (names);
        IF more IS NULL THEN
            RETURN names;
        END IF;
        names := names || more;
    END LOOP;
END
$$;

-- Return what metadata is to contain any of, where it is to contain `wanted`: its project by each of its names.
CREATE OR REPLACE FUNCTION sage.under_any_name(space text, wanted jsonb) RETURNS jsonb[]
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF jsonb_typeof(wanted -> 'project') IS DISTINCT FROM 'string' THEN
        RETURN ARRAY[wanted];
    END IF;
    RETURN ARRAY(
        SELECT wanted || jsonb_build_object('project', name)
        FROM unnest(sage.names_of_project(space, wanted ->> 'project')) AS name
    );
END
$$;

-- Return metadata with the project as it is called now, and `project_name`, the last part of it, where that is there.
CREATE OR REPLACE FUNCTION sage.with_current_project(space text, metadata jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    current_name text;
BEGIN
    IF jsonb_typeof(metadata -> 'project') IS DISTINCT FROM 'string' THEN
        RETURN metadata;
    END IF;
    current_name := sage.project_of(space, metadata ->> 'project');
    IF current_name = metadata ->> 'project' THEN
        RETURN metadata;
    END IF;
    RETURN metadata || jsonb_build_object('project', current_name) || CASE
        WHEN metadata ? 'project_name'
            THEN jsonb_build_object('project_name', regexp_replace(current_name, '^.*/(?=[^/])', ''))
        ELSE '{}'
    END;
END
$$;


-- VECTORS. What memories mean, by the model that said so; vectors of two models are never compared.

-- Vectors are compared through functions of this schema, so that queries need not know in which schema pgvector is
-- installed. Their bodies are kept parsed, by object and not by name, and the planner puts them in place of the call:
-- an index over the operator is used as before.
CREATE OR REPLACE FUNCTION sage.vector_distance(one halfvec, other halfvec) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN one <=> other;

-- Return what an index over embedding::halfvec(384) holds, where the number is a parameter.
CREATE OR REPLACE FUNCTION sage.vector_of_length(vector halfvec, dimensions integer) RETURNS halfvec
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN halfvec(vector, dimensions, true);

CREATE OR REPLACE FUNCTION sage.vector_bytes(vector halfvec) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN halfvec_send(vector);

-- For arrays of vectors, whose type no function tells.
DO $$
BEGIN
    IF to_regtype('sage.half_vector') IS NULL THEN
        CREATE DOMAIN sage.half_vector AS halfvec;
    END IF;
END
$$;

CREATE TABLE IF NOT EXISTS sage.embedding_models (
    model_id   smallint    GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    provider   text        NOT NULL,
    name       text        NOT NULL,
    dimensions integer     NOT NULL CHECK (dimensions BETWEEN 1 AND 4000),
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (provider, name, dimensions)
);

-- Which model answers: one row at most, set when Sage first starts, moved by `sage reembed`.
CREATE TABLE IF NOT EXISTS sage.active_model (
    singleton    boolean     PRIMARY KEY DEFAULT true CHECK (singleton),
    model_id     smallint    NOT NULL REFERENCES sage.embedding_models,
    active_since timestamptz NOT NULL DEFAULT now()
);

-- One vector a chunk; a message no longer than the model's window is one chunk. starts_at and ends_at are character
-- offsets into the content.
CREATE TABLE IF NOT EXISTS sage.embeddings (
    space_id  text     NOT NULL,
    memory_id uuid     NOT NULL,
    model_id  smallint NOT NULL REFERENCES sage.embedding_models,
    chunk     smallint NOT NULL CHECK (chunk >= 0),
    starts_at integer  NOT NULL CHECK (starts_at >= 0),
    ends_at   integer  NOT NULL CHECK (ends_at > starts_at),
    embedding halfvec  NOT NULL,
    PRIMARY KEY (space_id, memory_id, model_id, chunk),
    FOREIGN KEY (space_id, memory_id) REFERENCES sage.memories (space_id, memory_id) ON DELETE CASCADE
) WITH (
    -- Long vectors stay in the row: an exact scan reads them all.
    toast_tuple_target = 8160
);

-- Vectors that no walk of their space's index comes to: searches compare them one by one.
CREATE TABLE IF NOT EXISTS sage.unlinked_embeddings (
    space_id  text     NOT NULL,
    memory_id uuid     NOT NULL,
    model_id  smallint NOT NULL,
    chunk     smallint NOT NULL,
    PRIMARY KEY (space_id, memory_id, model_id, chunk),
    FOREIGN KEY (space_id, memory_id, model_id, chunk)
        REFERENCES sage.embeddings (space_id, memory_id, model_id, chunk) ON DELETE CASCADE
);

-- Memories whose vectors are still to be made. A worker leases rows; a lease that runs out is taken by another.
-- failed_at is set when the provider refuses the text itself; a forgotten memory is due at infinity. deliveries: how
-- often a row was delivered to a worker that was not heard of again: a text that ends the process each time is told by
-- it from one that a provider refuses.
CREATE TABLE IF NOT EXISTS sage.embedding_queue (
    space_id     text        NOT NULL,
    memory_id    uuid        NOT NULL,
    enqueued_at  timestamptz NOT NULL DEFAULT now(),
    due_at       timestamptz NOT NULL DEFAULT now(),
    attempts     integer     NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    failed_at    timestamptz,
    last_error   text,
    deliveries   integer     NOT NULL DEFAULT 0 CHECK (deliveries >= 0),
    PRIMARY KEY (space_id, memory_id),
    FOREIGN KEY (space_id, memory_id) REFERENCES sage.memories (space_id, memory_id) ON DELETE CASCADE
) WITH (
    -- Each row is written two or three times and then deleted: clean up by number, not by share.
    fillfactor = 70,
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 1000,
    autovacuum_analyze_scale_factor = 0,
    autovacuum_analyze_threshold = 1000
);

-- Spaces take turns: the next space that waits, and within a space what is due longest, whatever waits in the others.
CREATE INDEX IF NOT EXISTS embedding_queue_turns ON sage.embedding_queue (space_id, due_at)
WHERE failed_at IS NULL AND due_at < 'infinity';


-- SEARCH BY WORDS. What a search asks about its words takes four times as long to plan as to run, and the plan is the
-- same whatever the words and the space: the index of words tells. PL/pgSQL keeps it. One that was made for a small
-- table must not read all of it when it has grown; and where a space holds about a million memories PostgreSQL hopes to
-- come upon a word sooner in the order of the primary key: a bitmap is what an index of words gives in any case.

-- For conditions on words and metadata. Behind a policy an index is used only for operators that are marked as
-- leakproof, which @@ and @> are not; a view of the owner has the same condition, and no such barrier. It shows nothing
-- else than the policy does. Compared plainly, as in the policies, searches took PostgreSQL a tenth longer.
CREATE VIEW sage.visible_memories AS
SELECT * FROM sage.memories WHERE space_id = ANY ((SELECT ARRAY[current_setting('sage.space', true)])::text[]);

-- Return of words whether they are names of people in a space, and whether it knows them. A name is what
-- somebody speaks under, or is called by at least as often as fewest_calls says. Words that are common as
-- names in some space have their terms in common_terms: the first rows found settle them. The rare ones are
-- counted, each with its term, but for a term that is common: a scan that hopes for an early end would read
-- the whole table for each word that is nobody's name, while the index knows at once.
-- A word with a term that is only the beginning of a name is not known; one without a term always is.
CREATE OR REPLACE FUNCTION sage.search_words(
    space text, common_words text[], common_terms text[],
    rare_words text[], rare_terms text[], have_common_terms boolean[], fewest_calls bigint
) RETURNS TABLE (word text, is_name boolean, is_known boolean)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_indexscan = off AS $$
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
CREATE OR REPLACE FUNCTION sage.search_keys(space text, keys text[], common_keys text[], most integer)
RETURNS TABLE (lexeme text, held_by bigint)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_indexscan = off AS $$
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


-- SAVE. A save is one function, and with that one message to the server: PL/pgSQL keeps the plans of its statements,
-- for any values, and a transaction need not be begun and ended around it. Each of its statements is of one space.

-- Keep a conversation, the classes of its messages and their places in the embedding queue, unless its retry key holds
-- an answer, as a role that the policies bind, where there is one. Role and space end with the transaction.
-- The unique key of saves decides between concurrent senders: whoever inserts it keeps the messages.
-- An answer that does not last is replaced when it is old or something it kept was forgotten.
-- Messages come with their classes, in their order, and what replies to which of them (`replies`; null for none);
-- without classes the rules are still to be applied. What is not ranked is not queued. Of what was saved before,
-- `answers` answer now what `asked`; what the messages replace (`outdated`), and what that replaced, is superseded.
-- Nothing is kept, and null returned, where the space would have had its secrets masked, or not, and they were not, or
-- were: who saves does not know what the space says now.
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


-- ACCESS. Who may open which space: users, and tokens, with which they come.

CREATE TABLE IF NOT EXISTS sage.users (
    name       text        PRIMARY KEY,
    created_at timestamptz NOT NULL DEFAULT now()
);

-- Of a token only the SHA-256 is kept. A revoked token has no row.
CREATE TABLE IF NOT EXISTS sage.tokens (
    token_id     bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name         text        NOT NULL UNIQUE,
    user_name    text        REFERENCES sage.users ON DELETE CASCADE,
    digest       bytea       NOT NULL UNIQUE CHECK (octet_length(digest) = 32),
    prefix       text        NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz,
    last_used_at timestamptz
);

-- Finds the tokens of a user who is removed.
CREATE INDEX IF NOT EXISTS tokens_by_user ON sage.tokens (user_name);
-- Finds tokens by what names their keys without giving them away (sage.clients.hooks.proof), for whoever asks for a
-- proof and has shown none.
CREATE INDEX IF NOT EXISTS tokens_by_key_id
ON sage.tokens (sha256('\x736167652d70726f6f662d31206b6579'::bytea || digest));

-- position 0 is the space that a token opens where a call names none.
CREATE TABLE IF NOT EXISTS sage.token_spaces (
    space_id text     NOT NULL REFERENCES sage.spaces,
    token_id bigint   NOT NULL REFERENCES sage.tokens ON DELETE CASCADE,
    position smallint NOT NULL,
    role     text     NOT NULL CHECK (role IN ('reader', 'writer', 'owner')),
    PRIMARY KEY (space_id, token_id)
);

CREATE INDEX IF NOT EXISTS token_spaces_by_token ON sage.token_spaces (token_id);

-- Find what a token opens, unless it has expired: token_id, name, user_name, is_stale (its last use was recorded over
-- a minute ago), ids and names of the spaces, roles.
CREATE OR REPLACE FUNCTION sage.look_up_token(shown bytea) RETURNS record
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


-- APPS. What the OAuth server knows: apps, requests that wait for somebody to allow them, what was allowed.

-- network: from which network an app has registered, until it is used: unused apps are bounded, and make room by
-- network.
CREATE TABLE IF NOT EXISTS sage.oauth_clients (
    client_id  text        PRIMARY KEY,
    document   jsonb       NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    used_at    timestamptz,
    network    text
);

CREATE TABLE IF NOT EXISTS sage.oauth_requests (
    digest     bytea       PRIMARY KEY CHECK (octet_length(digest) = 32),
    client_id  text        NOT NULL,
    params     jsonb       NOT NULL,
    attempts   smallint    NOT NULL DEFAULT 0,
    expires_at timestamptz NOT NULL
);

CREATE INDEX IF NOT EXISTS oauth_requests_by_expiry ON sage.oauth_requests (expires_at);

-- A grant lives as long as the token that its user signed in with: token_id and the digest that the token had then, or,
-- without token_id, the digest of SAGE_TOKEN. A revoked grant has no row.
CREATE TABLE IF NOT EXISTS sage.oauth_grants (
    grant_id     bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    client_id    text        NOT NULL,
    client_name  text        NOT NULL,
    token_id     bigint      REFERENCES sage.tokens ON DELETE CASCADE,
    token_digest bytea       NOT NULL CHECK (octet_length(token_digest) = 32),
    created_at   timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz
);

CREATE INDEX IF NOT EXISTS oauth_grants_by_token ON sage.oauth_grants (token_id);

-- Codes, access tokens and refresh tokens. Those used are kept, so that a second use is noticed.
CREATE TABLE IF NOT EXISTS sage.oauth_secrets (
    digest     bytea       PRIMARY KEY CHECK (octet_length(digest) = 32),
    grant_id   bigint      NOT NULL REFERENCES sage.oauth_grants ON DELETE CASCADE,
    kind       text        NOT NULL CHECK (kind IN ('code', 'access', 'refresh')),
    scopes     text[]      NOT NULL,
    params     jsonb,
    expires_at timestamptz NOT NULL,
    used_at    timestamptz
);

CREATE INDEX IF NOT EXISTS oauth_secrets_by_grant ON sage.oauth_secrets (grant_id);
CREATE INDEX IF NOT EXISTS oauth_secrets_by_expiry ON sage.oauth_secrets (expires_at);

-- Return whether the token that a grant was made with, whose digest was kept then, is as it was: not rotated,
-- not expired, and SAGE_TOKEN, which has no token_id, not another.
CREATE OR REPLACE FUNCTION sage.still_opens(
    token_id bigint, kept_digest bytea, token_digest bytea, expires_at timestamptz, server_digest bytea
) RETURNS boolean LANGUAGE sql STABLE
RETURN CASE WHEN token_id IS NULL THEN kept_digest = server_digest
    ELSE kept_digest = token_digest AND coalesce(expires_at > now(), true) END;

-- Find what an access token of an app opens, as look_up_token does: grant_id, scopes, user_name, author, is_stale, ids
-- and names of the spaces, roles. There is no author, and there are no spaces, where SAGE_TOKEN was signed in with.
CREATE OR REPLACE FUNCTION sage.look_up_oauth_token(server_digest bytea, shown bytea) RETURNS record
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


-- AUDIT. Who called what, with which outcome: never what was said. The log is about the whole server, as users and
-- tokens are, so it has no row security: no role of a space reads it, and erasing a space leaves it.

CREATE TABLE IF NOT EXISTS sage.audit (
    event_id   uuid        PRIMARY KEY,
    at         timestamptz NOT NULL,
    surface    text        NOT NULL,
    action     text        NOT NULL,
    outcome    text        NOT NULL,
    token_name text,
    user_name  text,
    origin     text        NOT NULL,
    space      text,
    ids        text[]      NOT NULL,
    id_count   integer     NOT NULL,
    unrecorded integer     NOT NULL
);

-- Finds the newest rows, and the expired ones.
CREATE INDEX IF NOT EXISTS audit_by_time ON sage.audit (at, event_id);

CREATE OR REPLACE FUNCTION sage.refuse_change_of_audit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.at < now() - interval '1 day' THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION 'the audit log can only be added to' USING ERRCODE = 'insufficient_privilege',
        HINT = 'rows can be deleted when they are a day old';
END
$$;

CREATE OR REPLACE TRIGGER audit_is_kept BEFORE UPDATE OR DELETE ON sage.audit
FOR EACH ROW EXECUTE FUNCTION sage.refuse_change_of_audit();

CREATE OR REPLACE TRIGGER audit_is_not_emptied BEFORE TRUNCATE ON sage.audit
FOR EACH STATEMENT EXECUTE FUNCTION sage.refuse_change_of_audit();

-- Record a conversation that was kept in the audit log, beside it: there is not one without the other.
-- The event is the text of a JSON object of the columns; null where none is to be recorded.
CREATE OR REPLACE FUNCTION sage.record_save(is_new boolean, event text) RETURNS boolean
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    IF is_new AND event IS NOT NULL THEN
        INSERT INTO sage.audit SELECT * FROM json_populate_record(NULL::sage.audit, event::json);
    END IF;
    RETURN is_new;
END
$$;


-- HOUSEKEEPING. What was erased, and backed up.

-- What is erased, step by step, so that an erasure that was killed goes on and its receipt is whole. step 0 is the
-- beginning. Of the ids of memories the SHA-256 are kept, one after the other.
CREATE TABLE IF NOT EXISTS sage.erasures (
    target     text        NOT NULL,
    step       integer     NOT NULL,
    erasure_id uuid        NOT NULL DEFAULT gen_random_uuid(),
    taken_at   timestamptz NOT NULL DEFAULT now(),
    erased     jsonb       NOT NULL,
    digests    bytea       NOT NULL,
    PRIMARY KEY (target, step)
);

-- When the newest backup of this database was made, for everyone who uses it: one row, or none.
CREATE TABLE IF NOT EXISTS sage.last_backup (
    singleton boolean     PRIMARY KEY DEFAULT true CHECK (singleton),
    made_at   timestamptz NOT NULL
);


-- ROW SECURITY. Statements of one space see the rows of no other. They run as a role that owns nothing, in a
-- transaction that names its space in the setting sage.space. Without it, no row is seen. The owner of the tables is
-- exempt: it migrates, backs up, and works for all spaces.

-- A plain comparison with a value that is the same for a whole statement: beside the space that the statement names the
-- planner compares the two values once, and no row pays for the policy.
DO $$
DECLARE
    fenced record;
BEGIN
    FOR fenced IN
        SELECT pg_class.relname, pg_attribute.attname
        FROM pg_class
        JOIN pg_attribute ON attrelid = pg_class.oid AND NOT attisdropped
        WHERE relnamespace = 'sage'::regnamespace AND relkind = 'r'
            AND (attname = 'space_id' OR (relname = 'spaces' AND attname = 'id'))
    LOOP
        EXECUTE format('ALTER TABLE sage.%I ENABLE ROW LEVEL SECURITY', fenced.relname);
        EXECUTE format(
            'CREATE POLICY of_visible_spaces ON sage.%I'
            ' USING (%I = current_setting(''sage.space'', true))',
            fenced.relname, fenced.attname
        );
    END LOOP;
END
$$;

-- Let a role work for the space that a transaction names, and make it where this user may. Where the owner is exempt
-- without more, as superusers are, the tables are forced: who owns them later is bound. Such a role adds to the audit
-- log, and sees nothing of it.
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
        ' sage.memory_classes, sage.project_names, sage.project_identities,'
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

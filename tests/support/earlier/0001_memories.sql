-- Spaces, sessions, memories, vectors by model, the embedding queue and the journal of saves.
-- Every primary, unique and foreign key between tables of a space starts with space_id, so that the
-- schema can be distributed by tenant unchanged.

CREATE EXTENSION IF NOT EXISTS vector;

CREATE TABLE sessions (
    space_id   text        NOT NULL,
    session_id text        NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (space_id, session_id)
);

-- One message a row. Order inside a session: created_at, then arrival.
CREATE TABLE memories (
    space_id     text        NOT NULL,
    memory_id    uuid        NOT NULL,
    session_id   text        NOT NULL,
    arrival      bigint      GENERATED ALWAYS AS IDENTITY,
    role         text        NOT NULL CHECK (role IN ('user', 'assistant', 'system', 'tool')),
    name         text,
    content      text        NOT NULL CHECK (content <> ''),
    created_at   timestamptz NOT NULL CHECK (isfinite(created_at)),
    saved_at     timestamptz NOT NULL DEFAULT now(),
    forgotten_at timestamptz,
    metadata     jsonb       NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(metadata) = 'object'),
    -- Weight A: speaker and date; D: the words of the message.
    lexemes      tsvector    NOT NULL,
    PRIMARY KEY (space_id, memory_id),
    FOREIGN KEY (space_id, session_id) REFERENCES sessions (space_id, session_id)
);

-- session_id leads: with space_id first, a planner without statistics takes this index, and reads a
-- whole space, where it should look up one memory by its key.
CREATE INDEX memories_by_session ON memories (session_id, space_id, created_at, arrival);
-- Also the smallest index that holds each live memory once: counting reads it alone.
CREATE INDEX memories_by_time ON memories (space_id, created_at) WHERE forgotten_at IS NULL;
CREATE INDEX memories_forgotten ON memories (forgotten_at) WHERE forgotten_at IS NOT NULL;
CREATE INDEX memories_lexemes ON memories USING gin (lexemes);
CREATE INDEX memories_metadata ON memories USING gin (metadata jsonb_path_ops);

-- A vector space. Vectors of two models are never compared.
CREATE TABLE embedding_models (
    model_id   smallint    GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    provider   text        NOT NULL,
    name       text        NOT NULL,
    dimensions integer     NOT NULL CHECK (dimensions BETWEEN 1 AND 4000),
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (provider, name, dimensions)
);

-- One vector a chunk; a message no longer than the model's window is one chunk.
-- starts_at and ends_at are character offsets into the content.
CREATE TABLE embeddings (
    space_id  text     NOT NULL,
    memory_id uuid     NOT NULL,
    model_id  smallint NOT NULL REFERENCES embedding_models,
    chunk     smallint NOT NULL CHECK (chunk >= 0),
    starts_at integer  NOT NULL CHECK (starts_at >= 0),
    ends_at   integer  NOT NULL CHECK (ends_at > starts_at),
    embedding halfvec  NOT NULL,
    PRIMARY KEY (space_id, memory_id, model_id, chunk),
    FOREIGN KEY (space_id, memory_id) REFERENCES memories (space_id, memory_id) ON DELETE CASCADE
) WITH (
    -- Long vectors stay in the row: an exact scan reads them all.
    toast_tuple_target = 8160
);

-- Memories whose vectors are still to be made. A worker leases rows; a lease that runs out is
-- taken by another. failed_at is set when the provider refuses the text itself; a forgotten memory
-- is due at infinity.
CREATE TABLE embedding_queue (
    space_id     text        NOT NULL,
    memory_id    uuid        NOT NULL,
    enqueued_at  timestamptz NOT NULL DEFAULT now(),
    due_at       timestamptz NOT NULL DEFAULT now(),
    attempts     integer     NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    failed_at    timestamptz,
    last_error   text,
    PRIMARY KEY (space_id, memory_id),
    FOREIGN KEY (space_id, memory_id) REFERENCES memories (space_id, memory_id) ON DELETE CASCADE
) WITH (
    -- Each row is written two or three times and then deleted: clean up by number, not by share.
    fillfactor = 70,
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 1000,
    autovacuum_analyze_scale_factor = 0,
    autovacuum_analyze_threshold = 1000
);

CREATE INDEX embedding_queue_due ON embedding_queue (due_at) WHERE failed_at IS NULL;

-- Answers already given, so that a save sent twice is kept once.
-- retry_key: the caller's idempotency key, or a digest of session and messages.
CREATE TABLE saves (
    space_id    text        NOT NULL,
    retry_key   text        NOT NULL,
    body_digest bytea       NOT NULL,
    session_id  text        NOT NULL,
    memory_ids  uuid[]      NOT NULL CHECK (cardinality(memory_ids) > 0),
    saved_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (space_id, retry_key)
);

CREATE INDEX saves_by_time ON saves (saved_at);

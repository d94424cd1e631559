-- Bring the tables of schema versions 22 to 32 to those of version 33, and drop what that makes anew or lacks. Then
-- migrations/0033_schema.sql is run: what is there already it leaves as it is, and adds the rest.
-- Tables are few and locks are held for a moment: nothing here reads or writes the rows of a large table.
-- squawk-ignore-file ban-drop-function, ban-drop-view


-- What versions 22 to 32 have that 33 has not, or otherwise.

DROP VIEW IF EXISTS sage.visible_memories;

DO $$
DECLARE
    fenced text;
BEGIN
    FOR fenced IN
        SELECT relname FROM pg_policy
        JOIN pg_class ON pg_class.oid = polrelid
        WHERE relnamespace = 'sage'::regnamespace AND polname = 'of_visible_spaces'
    LOOP
        EXECUTE format('DROP POLICY of_visible_spaces ON sage.%I', fenced);
    END LOOP;
END
$$;

DROP TRIGGER IF EXISTS memories_change ON sage.memories;
DROP TRIGGER IF EXISTS tokens_change ON sage.tokens;
DROP TRIGGER IF EXISTS tokens_open_more ON sage.token_spaces;
DROP TRIGGER IF EXISTS tokens_open_less ON sage.token_spaces;
DROP TRIGGER IF EXISTS tokens_opened_otherwise ON sage.token_spaces;
DROP TRIGGER IF EXISTS tokens_open_otherwise ON sage.token_spaces;
DROP TRIGGER IF EXISTS tokens_open_nothing ON sage.token_spaces;
DROP TRIGGER IF EXISTS spaces_are_renamed ON sage.spaces;

DROP FUNCTION IF EXISTS sage.class_again();
DROP FUNCTION IF EXISTS sage.renew_version();
DROP FUNCTION IF EXISTS sage.renew_versions();
DROP FUNCTION IF EXISTS sage.check_token(bytea, bytea, text);
DROP FUNCTION IF EXISTS sage.admit_to_spaces(text);
DROP FUNCTION IF EXISTS sage.save_conversation(
    text, text, text, bytea, text, uuid[], text[], text[], text[], timestamptz[], text[], jsonb, boolean,
    double precision, uuid[], text, text, boolean, boolean
);
DROP FUNCTION IF EXISTS sage.visible_spaces();

-- squawk-ignore ban-drop-column
ALTER TABLE sage.tokens DROP COLUMN IF EXISTS version;


-- What 33 has beside.

ALTER TABLE sage.oauth_clients ADD COLUMN IF NOT EXISTS network text;

-- memory_classes came with version 26 and was extended by 27.
ALTER TABLE IF EXISTS sage.memory_classes
ADD COLUMN IF NOT EXISTS extent smallint NOT NULL DEFAULT 0 CHECK (extent BETWEEN 0 AND 4);

-- A sequence in place of an identity column, which goes on where that one stood.
DO $$
DECLARE
    newest record;
BEGIN
    IF EXISTS (
        SELECT FROM pg_attribute
        WHERE attrelid = 'sage.memories'::regclass AND attname = 'arrival' AND attidentity <> ''
    ) THEN
        SELECT last_value, is_called INTO newest FROM sage.memories_arrival_seq;
        ALTER TABLE sage.memories ALTER COLUMN arrival DROP IDENTITY;
        CREATE SEQUENCE sage.memories_arrival_seq;
        PERFORM setval('sage.memories_arrival_seq', newest.last_value, newest.is_called);
        ALTER TABLE sage.memories
        ALTER COLUMN arrival SET DEFAULT nextval('sage.memories_arrival_seq'::regclass);
    END IF;
END
$$;

-- Constraints are named as PostgreSQL names them for tables and columns as these are called now.
DO $$
DECLARE
    one record;
BEGIN
    FOR one IN
        SELECT relname, conname, replace(replace(replace(replace(
            conname, 'serving_model_', 'active_model_'), '_the_only_', '_singleton_'),
            '_serves_since_', '_active_since_'), 'embedding_queue_begun_', 'embedding_queue_deliveries_') AS name
        FROM pg_constraint
        JOIN pg_class ON pg_class.oid = conrelid
        WHERE relname IN ('active_model', 'embedding_queue') AND relnamespace = 'sage'::regnamespace
    LOOP
        CONTINUE WHEN one.name = one.conname;
        EXECUTE format('ALTER TABLE sage.%I RENAME CONSTRAINT %I TO %I', one.relname, one.conname, one.name);
    END LOOP;
END
$$;

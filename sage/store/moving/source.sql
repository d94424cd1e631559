-- The keys of rows that were written since the move began. Whoever writes a row adds to it, and reads nothing of it.
CREATE TABLE IF NOT EXISTS sage.moving_journal (
    entry      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    table_name text   NOT NULL,
    key        jsonb  NOT NULL
);

GRANT INSERT ON sage.moving_journal TO PUBLIC;
GRANT SELECT ON sage.moving TO PUBLIC;

-- Record the key of a row, by the statement that the trigger names. It runs with the rights of whoever writes the row.
-- Of a table that Citus copies to every node, the copy on the node that has the journal counts, which a second argument
-- names.
CREATE OR REPLACE FUNCTION sage.record_moving() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_NARGS > 1 AND to_regclass(TG_ARGV[1]) IS NULL THEN
        RETURN NULL;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        EXECUTE TG_ARGV[0] USING OLD;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        EXECUTE TG_ARGV[0] USING NEW;
    END IF;
    RETURN NULL;
END
$$;

-- Refuse what is written once writing has stopped. When a token was last used is not written, which fails nobody.
CREATE OR REPLACE FUNCTION sage.refuse_moved() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    mark record;
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'last_used_at' = to_jsonb(OLD) - 'last_used_at' THEN
        RETURN NULL;
    END IF;
    SELECT state, other INTO mark FROM sage.moving;
    IF mark.state = 'moved' THEN
        RAISE EXCEPTION 'its data was moved to the %', mark.other USING ERRCODE = 'SGM02';
    END IF;
    RAISE EXCEPTION 'its data is being moved to the %', mark.other USING ERRCODE = 'SGM01';
END
$$;

-- Who called what, with which outcome: never what was said. The log is about the whole server, as users
-- and tokens are, so it has no row security: no role of a space reads it, and erasing a space leaves it.

CREATE TABLE sage.audit (
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

-- The index finds the newest rows, and the expired ones; the table is new and empty.
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX audit_by_time ON sage.audit (at, event_id);

CREATE FUNCTION sage.refuse_change_of_audit() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE TRIGGER audit_is_kept BEFORE UPDATE OR DELETE ON sage.audit
FOR EACH ROW EXECUTE FUNCTION sage.refuse_change_of_audit();

CREATE TRIGGER audit_is_not_emptied BEFORE TRUNCATE ON sage.audit
FOR EACH STATEMENT EXECUTE FUNCTION sage.refuse_change_of_audit();

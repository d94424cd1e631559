-- Statements of one space see the rows of no other. They run as a role that owns nothing, in a
-- transaction that names its spaces: sage.spaces is the text of an array of their ids. Without it, no
-- row is seen. The owner of the tables is exempt: it migrates, backs up, and works for all spaces.

CREATE FUNCTION sage.visible_spaces() RETURNS text[]
LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('sage.spaces', true), '')::text[];

-- The sub-select is evaluated once for a statement, not for each row. coalesce keeps the condition from
-- the planner: beside the space that a statement names it would count twice, and lead a
-- planner without statistics to indexes that begin with the space.
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
            ' USING (coalesce(%I = ANY ((SELECT sage.visible_spaces())::text[]), false))',
            fenced.relname, fenced.attname
        );
    END LOOP;
END
$$;

-- For conditions on words and metadata. Behind a policy an index is used only for operators that are
-- marked as leakproof, which @@ and @> are not; a view of the owner has the same condition, and no such
-- barrier. It shows nothing else than the policy does.
CREATE VIEW sage.visible_memories AS
SELECT * FROM sage.memories
WHERE space_id = ANY ((SELECT sage.visible_spaces())::text[]);

-- Let a role work for the spaces that a transaction names, and make it where this user may. Where the
-- owner is exempt without more, as superusers are, the tables are forced: who owns them later is bound.
CREATE FUNCTION sage.admit_application(role_name text) RETURNS void LANGUAGE plpgsql AS $$
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
        'GRANT SELECT, INSERT, UPDATE, DELETE ON sage.sessions, sage.memories, sage.embeddings,'
        ' sage.embedding_queue, sage.saves, sage.unlinked_embeddings, sage.replacements TO %I', role_name
    );
    EXECUTE format(
        'GRANT SELECT ON sage.visible_memories, sage.embedding_models, sage.active_model TO %I', role_name
    );
    -- To read it FOR SHARE takes the right to update a column: of this one, which has one value only.
    EXECUTE format('GRANT UPDATE (singleton) ON sage.active_model TO %I', role_name);
    EXECUTE format('GRANT SELECT, INSERT ON sage.spaces TO %I', role_name);
END
$$;

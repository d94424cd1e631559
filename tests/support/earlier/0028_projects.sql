-- What a project is called, beside the `project` in the metadata of its memories: to rename or merge projects by
-- their memories would rewrite rows that carry word indexes. The names of a project are a tree: each leads to
-- another one, and the one that leads nowhere is what the project is called now.

-- What was saved, and will be, under `name` belongs to the project of that other name.
CREATE TABLE sage.project_names (
    space_id text NOT NULL,
    name     text NOT NULL,
    project  text NOT NULL CHECK (project <> name),
    PRIMARY KEY (space_id, name)
);

-- By what the repository of a project can be known on another machine, or in another folder: SHA-256 of its first
-- commit, and of the address that it was cloned from.
CREATE TABLE sage.project_identities (
    space_id text        NOT NULL,
    identity bytea       NOT NULL CHECK (octet_length(identity) = 32),
    name     text        NOT NULL,
    seen_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (space_id, identity, name)
);

ALTER TABLE sage.project_names ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_visible_spaces ON sage.project_names
USING (coalesce(space_id = ANY ((SELECT sage.visible_spaces())::text[]), false));
ALTER TABLE sage.project_identities ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_visible_spaces ON sage.project_identities
USING (coalesce(space_id = ANY ((SELECT sage.visible_spaces())::text[]), false));

-- Return what a project is called now, by any of its names: that name itself where it leads nowhere.
CREATE FUNCTION sage.project_of(space text, any_name text) RETURNS text LANGUAGE plpgsql STABLE AS $$
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
CREATE FUNCTION sage.names_of_project(space text, any_name text) RETURNS text[] LANGUAGE plpgsql STABLE AS $$
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
CREATE FUNCTION sage.under_any_name(space text, wanted jsonb) RETURNS jsonb[] LANGUAGE plpgsql STABLE AS $$
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
CREATE FUNCTION sage.with_current_project(space text, metadata jsonb) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
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

-- A role that works in spaces works with the names of projects, too.
CREATE OR REPLACE FUNCTION sage.admit_application(role_name text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM sage.admit_to_spaces(role_name);
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
        EXECUTE format('GRANT INSERT ON sage.audit TO %I', role_name);
        EXECUTE format(
            'GRANT SELECT, INSERT, UPDATE, DELETE ON sage.memory_classes, sage.project_names,'
            ' sage.project_identities TO %I', role_name
        );
    END IF;
END
$$;

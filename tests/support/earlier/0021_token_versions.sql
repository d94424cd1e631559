-- What a token opens has a version, so that to check it takes one row and not all that it opens.

-- Another one whenever the token opens something else, or is another's, by whatever statement. Tokens are few:
-- the table is written anew in a moment.
-- squawk-ignore adding-field-with-default
ALTER TABLE sage.tokens ADD COLUMN version uuid NOT NULL DEFAULT gen_random_uuid();

CREATE FUNCTION sage.renew_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.version := gen_random_uuid();
    RETURN NEW;
END
$$;

CREATE TRIGGER tokens_change BEFORE UPDATE OF name, user_name, digest, expires_at ON sage.tokens
FOR EACH ROW EXECUTE FUNCTION sage.renew_version();

-- Whoever renews several locks them in the order of their ids, so that two changes at a time do not deadlock.
CREATE FUNCTION sage.renew_versions() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    renewed bigint[];
BEGIN
    CASE TG_OP || ' ' || TG_TABLE_NAME
        WHEN 'TRUNCATE token_spaces' THEN
            renewed := ARRAY(SELECT token_id FROM sage.tokens);
        WHEN 'UPDATE spaces', 'DELETE spaces' THEN
            renewed := ARRAY(SELECT token_id FROM sage.token_spaces WHERE space_id = OLD.id);
        ELSE
            renewed := ARRAY(SELECT token_id FROM changed);
    END CASE;
    WITH locked AS (
        SELECT token_id FROM sage.tokens WHERE token_id = ANY (renewed) ORDER BY token_id FOR NO KEY UPDATE
    )
    UPDATE sage.tokens SET version = gen_random_uuid() FROM locked WHERE tokens.token_id = locked.token_id;
    RETURN NULL;
END
$$;

CREATE TRIGGER tokens_open_more AFTER INSERT ON sage.token_spaces REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION sage.renew_versions();

CREATE TRIGGER tokens_open_less AFTER DELETE ON sage.token_spaces REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION sage.renew_versions();

CREATE TRIGGER tokens_opened_otherwise AFTER UPDATE ON sage.token_spaces REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION sage.renew_versions();

CREATE TRIGGER tokens_open_otherwise AFTER UPDATE ON sage.token_spaces REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION sage.renew_versions();

CREATE TRIGGER tokens_open_nothing AFTER TRUNCATE ON sage.token_spaces
FOR EACH STATEMENT EXECUTE FUNCTION sage.renew_versions();

-- A space that tokens open can be deleted by a statement that puts another one in its place.
CREATE TRIGGER spaces_are_renamed AFTER UPDATE OF id, name OR DELETE ON sage.spaces
FOR EACH ROW EXECUTE FUNCTION sage.renew_versions();

-- Find what a token opens as before (migration 18), and its version: token_id, name, user_name, is_stale, version,
-- ids and names of the spaces, roles.
CREATE OR REPLACE FUNCTION sage.look_up_token(shown bytea) RETURNS record
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    found_one record;
BEGIN
    SELECT tokens.token_id, tokens.name, tokens.user_name,
        coalesce(tokens.last_used_at < now() - interval '1 minute', true), tokens.version::text,
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

-- The same of an access token of an app (migration 20): grant_id, scopes, user_name, author, is_stale, version, ids
-- and names of the spaces, roles. Its version is the grant, the version of the token that was signed in with, if
-- any, and the scopes.
CREATE OR REPLACE FUNCTION sage.look_up_oauth_token(server_digest bytea, shown bytea) RETURNS record
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    found_one record;
BEGIN
    SELECT grants.grant_id, secrets.scopes, tokens.user_name, coalesce(tokens.user_name, tokens.name),
        coalesce(grants.last_used_at < now() - interval '1 minute', true),
        concat_ws(' ', grants.grant_id, tokens.version, secrets.scopes),
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

-- Return true, or raise SG001 where a token does not open what a look-up found with this version.
-- `server_digest` is the digest of SAGE_TOKEN for an access token of an app, null for a token of Sage. Without
-- `shown` there is nothing to check.
-- The owner runs it: whoever works in spaces may not read tokens. No release called the one before.
-- squawk-ignore ban-drop-function
DROP FUNCTION sage.check_token(bytea, bytea, bytea);

CREATE FUNCTION sage.check_token(shown bytea, server_digest bytea, found_version text) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    IF shown IS NULL THEN
        RETURN true;
    END IF;
    IF server_digest IS NULL THEN
        PERFORM FROM sage.tokens
        WHERE digest = shown AND coalesce(expires_at > now(), true) AND version::text = found_version;
    ELSE
        PERFORM FROM sage.oauth_secrets AS secrets
        JOIN sage.oauth_grants AS grants USING (grant_id)
        LEFT JOIN sage.tokens ON tokens.token_id = grants.token_id
        WHERE secrets.digest = shown AND secrets.kind = 'access' AND secrets.expires_at > now()
            AND concat_ws(' ', grants.grant_id, tokens.version, secrets.scopes) = found_version
            AND sage.still_opens(
                grants.token_id, grants.token_digest, tokens.digest, tokens.expires_at, server_digest
            );
    END IF;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the token does not open what it did' USING ERRCODE = 'SG001';
    END IF;
    RETURN true;
END
$$;

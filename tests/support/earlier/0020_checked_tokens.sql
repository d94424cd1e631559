-- A token that was looked up a moment ago is not looked up again by a message of its own: the statement that
-- needs it checks that it opens what it did.

-- Look access tokens of apps up as before (migration 18); every column has a name.
CREATE OR REPLACE FUNCTION sage.look_up_oauth_token(server_digest bytea, shown bytea) RETURNS record
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    found_one record;
BEGIN
    SELECT grants.grant_id, secrets.scopes, tokens.user_name, coalesce(tokens.user_name, tokens.name) AS author,
        coalesce(grants.last_used_at < now() - interval '1 minute', true) AS is_stale,
        array_agg(spaces.id ORDER BY token_spaces.position) AS space_ids,
        array_agg(spaces.name ORDER BY token_spaces.position) AS spaces,
        array_agg(token_spaces.role ORDER BY token_spaces.position) AS roles
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

-- Return true, or raise SG001 where a token does not open what a look-up found: `found_digest` is the SHA-256 of
-- the text of its answer, not stale (a statement that fails is logged, and with it would be the text).
-- `server_digest` is that of SAGE_TOKEN for an access token of an app, null for a token of Sage. Without `shown`
-- there is nothing to check.
-- The owner runs it: whoever works in spaces may not read tokens. The query of `look_up_token` stands here again,
-- since to call that function takes as long as to run it.
CREATE FUNCTION sage.check_token(shown bytea, server_digest bytea, found_digest bytea) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    opened record;
BEGIN
    IF shown IS NULL THEN
        RETURN true;
    END IF;
    IF server_digest IS NULL THEN
        SELECT tokens.token_id, tokens.name, tokens.user_name, false AS is_stale,
            array_agg(spaces.id ORDER BY token_spaces.position) AS space_ids,
            array_agg(spaces.name ORDER BY token_spaces.position) AS spaces,
            array_agg(token_spaces.role ORDER BY token_spaces.position) AS roles
        INTO opened
        FROM sage.tokens
        JOIN sage.token_spaces USING (token_id)
        JOIN sage.spaces ON spaces.id = token_spaces.space_id
        WHERE tokens.digest = shown AND coalesce(tokens.expires_at > now(), true)
        GROUP BY tokens.token_id;
    ELSE
        opened := sage.look_up_oauth_token(server_digest, shown);
        IF opened IS DISTINCT FROM NULL THEN
            opened.is_stale := false;
        END IF;
    END IF;
    IF sha256(convert_to(opened::text, 'UTF8')) IS DISTINCT FROM found_digest THEN
        RAISE EXCEPTION 'the token does not open what it did' USING ERRCODE = 'SG001';
    END IF;
    RETURN true;
END
$$;

-- Each request looks its token up before it runs, by a statement of its own: nothing is assumed of a token, so that
-- nothing is checked again, and what it opens needs no version (migrations 20 and 21).
-- In a schema that is written as one file these two functions stand as they are here, and what is dropped is left out.

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

-- The same of an access token of an app: grant_id, scopes, user_name, author, is_stale, ids and names of the spaces,
-- roles.
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

DROP TRIGGER tokens_change ON sage.tokens;
DROP TRIGGER tokens_open_more ON sage.token_spaces;
DROP TRIGGER tokens_open_less ON sage.token_spaces;
DROP TRIGGER tokens_opened_otherwise ON sage.token_spaces;
DROP TRIGGER tokens_open_otherwise ON sage.token_spaces;
DROP TRIGGER tokens_open_nothing ON sage.token_spaces;
DROP TRIGGER spaces_are_renamed ON sage.spaces;
-- No release called any of these.
-- squawk-ignore ban-drop-function
DROP FUNCTION sage.renew_version(), sage.renew_versions(), sage.check_token(bytea, bytea, text);
-- squawk-ignore ban-drop-column
ALTER TABLE sage.tokens DROP COLUMN version;

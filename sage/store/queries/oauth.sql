-- name: lock_oauth_clients
-- Allow one registration at a time, so that none exceeds the bound.
SELECT pg_advisory_xact_lock(hashtext('sage.oauth_clients'));

-- name: purge_oauth_clients
-- Delete clients that nobody has used for a day after they registered, or for half a year.
DELETE FROM sage.oauth_clients
WHERE coalesce(used_at + interval '180 days', created_at + interval '1 day') < now()
    AND NOT EXISTS (SELECT FROM sage.oauth_grants WHERE client_id = oauth_clients.client_id);

-- name: make_room_for_oauth_client
-- Delete clients of which nobody has made use, until fewer than $1 are left: each time the oldest of
-- the network that has registered the most, so that a network displaces nobody but itself.
WITH unused AS (
    SELECT client_id,
        row_number() OVER (PARTITION BY network ORDER BY created_at DESC, client_id) AS place,
        created_at
    FROM sage.oauth_clients
    WHERE used_at IS NULL
)
DELETE FROM sage.oauth_clients
WHERE client_id IN (
    SELECT client_id FROM unused ORDER BY place, created_at DESC OFFSET $1::integer - 1
);

-- name: register_oauth_client
-- Keep a client, and the network from which it registered until it is used.
INSERT INTO sage.oauth_clients (client_id, document, network) VALUES ($1, $2, $3);

-- name: find_oauth_client
-- Find what a client registered with.
SELECT document FROM sage.oauth_clients WHERE client_id = $1;

-- name: purge_oauth_requests
-- Delete requests that nobody answered in time.
DELETE FROM sage.oauth_requests WHERE expires_at <= now();

-- name: purge_oauth_secrets
-- Delete codes and tokens a day after they expired.
DELETE FROM sage.oauth_secrets WHERE expires_at <= now() - interval '1 day';

-- name: purge_oauth_grants
-- Delete grants of which no code and no token is left.
DELETE FROM sage.oauth_grants
WHERE NOT EXISTS (SELECT FROM sage.oauth_secrets WHERE grant_id = oauth_grants.grant_id);

-- name: ask_for_oauth_grant
-- Keep a request until somebody answers it.
INSERT INTO sage.oauth_requests (digest, client_id, params, expires_at)
VALUES ($1, $2, $3, now() + $4::interval);

-- name: find_oauth_request
-- Find a request that waits for an answer.
SELECT client_id, params FROM sage.oauth_requests WHERE digest = $1 AND expires_at > now();

-- name: answer_oauth_request
-- Take a request that waits for an answer, so that nobody answers it again.
DELETE FROM sage.oauth_requests WHERE digest = $1 AND expires_at > now()
RETURNING client_id, params;

-- name: count_oauth_attempt
-- Count a wrong token; tells whether the request may be answered with another one.
UPDATE sage.oauth_requests SET attempts = attempts + 1
WHERE digest = $1
RETURNING attempts < $2::integer;

-- name: find_login
-- Find the token that somebody signs in with.
SELECT token_id, name, user_name FROM sage.tokens WHERE digest = $1 AND coalesce(expires_at > now(), true);

-- name: create_oauth_grant
-- Keep that somebody allowed a client what their token opens.
WITH used AS (UPDATE sage.oauth_clients SET used_at = now(), network = NULL WHERE client_id = $1)
INSERT INTO sage.oauth_grants (client_id, client_name, token_id, token_digest)
VALUES ($1, $2, $3, $4)
RETURNING grant_id;

-- name: create_oauth_secret
-- Keep a code or a token of a grant; a refresh token that two processes were given is kept once.
INSERT INTO sage.oauth_secrets (digest, grant_id, kind, scopes, params, expires_at)
VALUES ($1, $2, $3, $4, $5, now() + $6::interval)
ON CONFLICT (digest) DO NOTHING;

-- name: find_oauth_secret
-- Find a code or a refresh token, used or not, and whose it is.
SELECT grants.client_id, secrets.scopes, secrets.params, secrets.expires_at
FROM sage.oauth_secrets AS secrets
JOIN sage.oauth_grants AS grants USING (grant_id)
WHERE secrets.digest = $1 AND secrets.kind = $2;

-- name: lock_oauth_grant
-- Allow one exchange of a grant's codes and tokens at a time: whoever is late sees what was used.
SELECT FROM sage.oauth_grants
WHERE grant_id = (SELECT grant_id FROM sage.oauth_secrets WHERE digest = $1)
FOR UPDATE;

-- name: use_oauth_secret
-- Use a code once, or a refresh token: that one again for a minute, since clients refresh from
-- several processes at once.
UPDATE sage.oauth_secrets AS secrets
SET used_at = coalesce(secrets.used_at, now())
FROM sage.oauth_grants AS grants
LEFT JOIN sage.tokens ON tokens.token_id = grants.token_id
WHERE secrets.digest = $2 AND secrets.kind = $3 AND secrets.expires_at > now()
    AND grants.grant_id = secrets.grant_id
    AND (
        secrets.used_at IS NULL
        OR (secrets.kind = 'refresh' AND secrets.used_at > now() - interval '1 minute')
    )
    AND sage.still_opens(grants.token_id, grants.token_digest, tokens.digest, tokens.expires_at, $1)
RETURNING secrets.grant_id, tokens.user_name;

-- name: revoke_reused_oauth_secret
-- Revoke the grant of a code or a token that was used before: somebody has copied it.
DELETE FROM sage.oauth_grants AS grants
USING sage.oauth_secrets AS secrets
WHERE secrets.digest = $1 AND secrets.used_at IS NOT NULL AND grants.grant_id = secrets.grant_id
RETURNING grants.grant_id;

-- name: revoke_oauth_secret
-- Revoke the grant of a token that belongs to a client.
DELETE FROM sage.oauth_grants AS grants
USING sage.oauth_secrets AS secrets
WHERE secrets.digest = $1 AND grants.grant_id = secrets.grant_id AND grants.client_id = $2
RETURNING grants.grant_id;

-- name: look_up_oauth_token
-- Find what an access token opens by its digest ($2), where SAGE_TOKEN has a digest ($1; migration 32).
SELECT sage.look_up_oauth_token($1, $2);

-- name: look_up_named_token
-- Find what a token opens by its name, for a subject of an external issuer, unless it has expired.
SELECT tokens.user_name,
    array_agg(spaces.id ORDER BY token_spaces.position) AS space_ids,
    array_agg(spaces.name ORDER BY token_spaces.position) AS spaces,
    array_agg(token_spaces.role ORDER BY token_spaces.position) AS roles
FROM sage.tokens
JOIN sage.token_spaces USING (token_id)
JOIN sage.spaces ON spaces.id = token_spaces.space_id
WHERE tokens.name = $1 AND coalesce(tokens.expires_at > now(), true)
GROUP BY tokens.token_id;

-- name: record_grant_use
-- Record that a grant was used, unless another process has just done so.
UPDATE sage.oauth_grants SET last_used_at = now()
WHERE grant_id = $1 AND coalesce(last_used_at < now() - interval '1 minute', true);

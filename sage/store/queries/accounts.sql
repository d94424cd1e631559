-- name: create_space
-- Create a space; tells whether neither its id nor its name was taken.
INSERT INTO sage.spaces (id, name) VALUES ($1, $1)
ON CONFLICT DO NOTHING
RETURNING true;

-- name: list_spaces
-- List the spaces by name, with what each holds, how long, whether masked, and how many tokens open it; all,
-- or those with one of the ids $1, and with $2 in their names, at most $3.
SELECT spaces.name, spaces.created_at, spaces.retention_days, spaces.masking,
    (
        SELECT coalesce(sum(memories), 0)::bigint FROM sage.session_days
        WHERE session_days.space_id = spaces.id
    ) AS memories,
    (SELECT count(*) FROM sage.token_spaces WHERE token_spaces.space_id = spaces.id) AS tokens
FROM sage.spaces
WHERE ($1::text[] IS NULL OR spaces.id = ANY ($1))
    AND ($2::text IS NULL OR strpos(lower(spaces.name), lower($2)) > 0)
ORDER BY spaces.name COLLATE "C"
LIMIT $3;

-- distributed: list_spaces
-- Count what there is of each space where it lies.
SELECT name, created_at, retention_days, masking, memories, tokens FROM sage.list_spaces($1::text[], $2::text, $3);

-- name: count_spaces
-- Count the spaces.
SELECT count(*) FROM sage.spaces;

-- name: rename_space
-- Rename a space unless another has the name; tells whether there is one of the old name.
UPDATE sage.spaces SET name = $2
WHERE name = $1 AND NOT EXISTS (SELECT FROM sage.spaces WHERE name = $2 OR (id = $2 AND name <> $1))
RETURNING true;

-- name: erases_in_space
-- Tell whether something in a space, or all of it, is being erased: its name identifies the erasure.
SELECT EXISTS (SELECT FROM sage.erasures WHERE step = 0 AND target::json ->> 'space' = $1);

-- name: set_masking
-- Set whether secrets are masked in a space.
UPDATE sage.spaces SET masking = $2 WHERE id = $1;

-- name: find_spaces
-- Find the ids of spaces by their names.
SELECT name, id FROM sage.spaces WHERE name = ANY ($1::text[]);

-- name: all_spaces
-- List the ids of all spaces by their names.
SELECT id, name FROM sage.spaces ORDER BY name COLLATE "C";

-- name: identify_spaces
-- Find the ids of spaces by their names, or by those that they were created with: none of these is
-- ever that of another space.
SELECT given.name, spaces.id
FROM unnest($1::text[]) AS given (name)
JOIN sage.spaces ON given.name IN (spaces.name, spaces.id);

-- name: create_user
-- Create a user unless there is one of that name.
INSERT INTO sage.users (name) VALUES ($1)
ON CONFLICT DO NOTHING
RETURNING true;

-- name: list_users
-- List the users by name, with how many tokens each has, when one was last used, and what those that are
-- valid open, each space with the highest role in it; tokens of machines begin with $1.
SELECT users.name, users.created_at, count(tokens.token_id) AS tokens,
    max(tokens.last_used_at) AS last_used_at,
    ARRAY(
        SELECT spaces.name || ':' || (ARRAY['hooks', 'reader', 'writer', 'owner'])[max(
            CASE WHEN starts_with(theirs.prefix, $1) THEN 1
                ELSE array_position(ARRAY['hooks', 'reader', 'writer', 'owner'], token_spaces.role)
            END
        )]
        FROM sage.tokens AS theirs
        JOIN sage.token_spaces USING (token_id)
        JOIN sage.spaces ON spaces.id = token_spaces.space_id
        WHERE theirs.user_name = users.name AND coalesce(theirs.expires_at > now(), true)
        GROUP BY spaces.name
        ORDER BY spaces.name COLLATE "C"
    ) AS opens
FROM sage.users
LEFT JOIN sage.tokens ON tokens.user_name = users.name
GROUP BY users.name
ORDER BY users.name COLLATE "C";

-- name: remove_user
-- Remove a user, with all tokens of that user.
DELETE FROM sage.users WHERE name = $1
RETURNING true;

-- name: find_user
-- Tell whether there is a user of that name.
SELECT EXISTS (SELECT FROM sage.users WHERE name = $1);

-- name: list_user_names
-- List the names of all users.
SELECT name FROM sage.users;

-- name: list_author_tokens
-- List the names of the tokens that save under them: they have no user, nor are they those of the owner's
-- machines, which open the space $1.
SELECT name FROM sage.tokens
WHERE user_name IS NULL AND NOT (
    starts_with(prefix, $2)
    AND EXISTS (SELECT FROM sage.token_spaces WHERE token_id = tokens.token_id AND space_id = $1)
);

-- name: create_token
-- Keep a token with the spaces it opens ($6), in that order, and its role in each ($7), unless its
-- name is taken.
WITH created AS (
    INSERT INTO sage.tokens (name, user_name, digest, prefix, expires_at)
    VALUES ($1, $2, $3, $4, now() + $5::interval)
    ON CONFLICT (name) DO NOTHING
    RETURNING token_id
), opened AS (
    INSERT INTO sage.token_spaces (token_id, space_id, position, role)
    SELECT created.token_id, given.space_id, given.position - 1, given.role
    FROM created, unnest($6::text[], $7::text[]) WITH ORDINALITY AS given (space_id, role, position)
)
SELECT EXISTS (SELECT FROM created);

-- name: list_tokens
-- List the tokens by name, with the spaces that each opens; among them the apps that got in by OAuth,
-- but for those whose user signed in with a token that was replaced since.
SELECT listed.* FROM (
    SELECT tokens.name, tokens.user_name, tokens.prefix, tokens.created_at, tokens.expires_at,
        tokens.last_used_at, coalesce(tokens.expires_at <= now(), false) AS is_expired,
        array_agg(spaces.name || ':' || token_spaces.role ORDER BY token_spaces.position) AS opens
    FROM sage.tokens
    JOIN sage.token_spaces USING (token_id)
    JOIN sage.spaces ON spaces.id = token_spaces.space_id
    GROUP BY tokens.token_id
    UNION ALL
    SELECT 'oauth:' || grants.grant_id, tokens.user_name, grants.client_name, grants.created_at,
        least(left_to_use.until, tokens.expires_at), grants.last_used_at,
        least(left_to_use.until, tokens.expires_at) <= now(),
        coalesce(opened.spaces, ARRAY['default:' || left_to_use.role])
    FROM sage.oauth_grants AS grants
    LEFT JOIN sage.tokens USING (token_id)
    CROSS JOIN LATERAL (
        SELECT max(expires_at) AS until,
            CASE WHEN bool_or('memory:write' = ANY (scopes)) THEN 'writer' ELSE 'reader' END AS role
        FROM sage.oauth_secrets WHERE oauth_secrets.grant_id = grants.grant_id
    ) AS left_to_use
    CROSS JOIN LATERAL (
        SELECT array_agg(
            spaces.name || ':' || CASE role WHEN 'reader' THEN role ELSE left_to_use.role END
            ORDER BY position
        ) AS spaces
        FROM sage.token_spaces
        JOIN sage.spaces ON spaces.id = token_spaces.space_id
        WHERE token_spaces.token_id = grants.token_id
    ) AS opened
    WHERE grants.token_id IS NULL OR grants.token_digest = tokens.digest
) AS listed
ORDER BY listed.name COLLATE "C";

-- name: revoke_token
-- Delete a token, or what an app was allowed.
WITH revoked AS (
    DELETE FROM sage.tokens WHERE name = $1 RETURNING token_id
), ended AS (
    DELETE FROM sage.oauth_grants WHERE 'oauth:' || grant_id = $1 RETURNING grant_id
)
SELECT EXISTS (SELECT FROM revoked UNION ALL SELECT FROM ended);

-- name: rotate_token
-- Give a token a new secret, and from now on as long a life as it had.
UPDATE sage.tokens
SET digest = $2, prefix = $3, created_at = now(), last_used_at = NULL,
    expires_at = now() + (expires_at - created_at)
WHERE name = $1
RETURNING true;

-- name: look_up_token
-- Find what a token opens by its digest, unless it has expired (migration 32).
SELECT sage.look_up_token($1);

-- name: find_token_by_number
-- Find what is kept of a token by its number, with what it opens unless it has expired.
SELECT digest, prefix, sage.look_up_token(digest) AS found FROM sage.tokens WHERE token_id = $1;

-- name: find_token_keys
-- Find the digests of tokens by the ids of their keys, which sage.clients.hooks.server.proof makes (index of migration 25).
SELECT digest FROM sage.tokens
WHERE sha256('\x736167652d70726f6f662d31206b6579'::bytea || digest) = ANY ($1::bytea[])
    AND coalesce(expires_at > now(), true);

-- name: record_use
-- Record that a token was used, unless another process has just done so.
UPDATE sage.tokens SET last_used_at = now()
WHERE token_id = $1 AND coalesce(last_used_at < now() - interval '1 minute', true);

-- name: spaces_of_token
-- List the ids of the spaces that a token opens by its name, or an app.
SELECT space_id FROM sage.tokens JOIN sage.token_spaces USING (token_id)
WHERE tokens.name = $1
UNION
SELECT coalesce(token_spaces.space_id, 'default') FROM sage.oauth_grants
LEFT JOIN sage.token_spaces USING (token_id)
WHERE 'oauth:' || grant_id = $1;

-- name: close_spaces_of_token
-- Take spaces from a token, by its name.
DELETE FROM sage.token_spaces
WHERE token_id = (SELECT token_id FROM sage.tokens WHERE name = $1) AND space_id = ANY ($2::text[]);

-- name: list_apps
-- List what apps were allowed by OAuth: the name of each, the token that its user signed in with, its id
-- and one of the addresses that it registered.
SELECT 'oauth:' || grants.grant_id AS name, grants.client_name AS title, tokens.name AS token,
    grants.client_id, clients.document #>> '{redirect_uris,0}' AS redirect_uri
FROM sage.oauth_grants AS grants
LEFT JOIN sage.tokens USING (token_id)
LEFT JOIN sage.oauth_clients AS clients USING (client_id);

-- name: expiry_of_token
-- Find until when a token is valid, by its name; null for always.
SELECT expires_at FROM sage.tokens WHERE name = $1;

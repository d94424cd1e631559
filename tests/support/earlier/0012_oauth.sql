-- What the OAuth server knows: apps, requests that wait for somebody to allow them, what was allowed.

CREATE TABLE sage.oauth_clients (
    client_id  text        PRIMARY KEY,
    document   jsonb       NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    used_at    timestamptz
);

CREATE TABLE sage.oauth_requests (
    digest     bytea       PRIMARY KEY CHECK (octet_length(digest) = 32),
    client_id  text        NOT NULL,
    params     jsonb       NOT NULL,
    attempts   smallint    NOT NULL DEFAULT 0,
    expires_at timestamptz NOT NULL
);

-- The tables are new and empty.
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX oauth_requests_by_expiry ON sage.oauth_requests (expires_at);

-- A grant lives as long as the token that its user signed in with: token_id and the digest that the
-- token had then, or, without token_id, the digest of SAGE_TOKEN. A revoked grant has no row.
CREATE TABLE sage.oauth_grants (
    grant_id     bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    client_id    text        NOT NULL,
    client_name  text        NOT NULL,
    token_id     bigint      REFERENCES sage.tokens ON DELETE CASCADE,
    token_digest bytea       NOT NULL CHECK (octet_length(token_digest) = 32),
    created_at   timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz
);

-- squawk-ignore require-concurrent-index-creation
CREATE INDEX oauth_grants_by_token ON sage.oauth_grants (token_id);

-- Codes, access tokens and refresh tokens. Those used are kept, so that a second use is noticed.
CREATE TABLE sage.oauth_secrets (
    digest     bytea       PRIMARY KEY CHECK (octet_length(digest) = 32),
    grant_id   bigint      NOT NULL REFERENCES sage.oauth_grants ON DELETE CASCADE,
    kind       text        NOT NULL CHECK (kind IN ('code', 'access', 'refresh')),
    scopes     text[]      NOT NULL,
    params     jsonb,
    expires_at timestamptz NOT NULL,
    used_at    timestamptz
);

-- squawk-ignore require-concurrent-index-creation
CREATE INDEX oauth_secrets_by_grant ON sage.oauth_secrets (grant_id);

-- squawk-ignore require-concurrent-index-creation
CREATE INDEX oauth_secrets_by_expiry ON sage.oauth_secrets (expires_at);

-- Who may open which space, and who saved a memory: a name that the server takes from the token, or
-- null where nobody showed one.

ALTER TABLE sage.memories ADD COLUMN author text;

-- The name may change, the id does not. Spaces that imports have made are among them.
CREATE TABLE sage.spaces (
    id         text        PRIMARY KEY,
    name       text        NOT NULL UNIQUE,
    created_at timestamptz NOT NULL DEFAULT now()
);

INSERT INTO sage.spaces (id, name)
SELECT 'default', 'default'
UNION
SELECT space_id, space_id FROM sage.sessions;

CREATE TABLE sage.users (
    name       text        PRIMARY KEY,
    created_at timestamptz NOT NULL DEFAULT now()
);

-- Of a token only the SHA-256 is kept. A revoked token has no row.
CREATE TABLE sage.tokens (
    token_id     bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name         text        NOT NULL UNIQUE,
    user_name    text        REFERENCES sage.users ON DELETE CASCADE,
    digest       bytea       NOT NULL UNIQUE CHECK (octet_length(digest) = 32),
    prefix       text        NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz,
    last_used_at timestamptz
);

-- The index finds the tokens of a user who is removed; the table is new and empty.
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX tokens_by_user ON sage.tokens (user_name);

-- position 0 is the space that a token opens where a call names none.
CREATE TABLE sage.token_spaces (
    space_id text     NOT NULL REFERENCES sage.spaces,
    token_id bigint   NOT NULL REFERENCES sage.tokens ON DELETE CASCADE,
    position smallint NOT NULL,
    role     text     NOT NULL CHECK (role IN ('reader', 'writer', 'owner')),
    PRIMARY KEY (space_id, token_id)
);

-- squawk-ignore require-concurrent-index-creation
CREATE INDEX token_spaces_by_token ON sage.token_spaces (token_id);

-- What is erased, step by step, so that an erasure that was killed goes on and its receipt is whole;
-- and how many days the memories of a space are kept.

ALTER TABLE sage.spaces ADD COLUMN retention_days integer CHECK (retention_days > 0);

-- step 0 is the beginning. Of the ids of memories the SHA-256 are kept, one after the other.
CREATE TABLE sage.erasures (
    target     text        NOT NULL,
    step       integer     NOT NULL,
    erasure_id uuid        NOT NULL DEFAULT gen_random_uuid(),
    taken_at   timestamptz NOT NULL DEFAULT now(),
    erased     jsonb       NOT NULL,
    digests    bytea       NOT NULL,
    PRIMARY KEY (target, step)
);

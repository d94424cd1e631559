-- What a database says of a move while there is one, and of the one by which its data went elsewhere.
-- side: source or target. state: copying, switching, moved. other: the other database and its servers, without a login.
CREATE TABLE IF NOT EXISTS sage.moving (
    singleton boolean     PRIMARY KEY DEFAULT true CHECK (singleton),
    move_id   uuid        NOT NULL,
    side      text        NOT NULL CHECK (side IN ('source', 'target')),
    state     text        NOT NULL CHECK (state IN ('copying', 'switching', 'moved')),
    other     text        NOT NULL,
    began_at  timestamptz NOT NULL DEFAULT now(),
    moved_at  timestamptz
);

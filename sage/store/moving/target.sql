-- How far each table was copied: the key of the last row, as text.
CREATE TABLE IF NOT EXISTS sage.moving_progress (
    table_name text    PRIMARY KEY,
    last_key   text,
    rows       bigint  NOT NULL DEFAULT 0,
    is_done    boolean NOT NULL DEFAULT false
);

-- What was taken off the tables, and is put back in this order.
CREATE TABLE IF NOT EXISTS sage.moving_detached (
    position  integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind      text    NOT NULL CHECK (kind IN ('index', 'reference', 'trigger')),
    detach    text    NOT NULL,
    attach    text    NOT NULL
);

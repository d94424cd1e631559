-- When the newest backup of this database was made, for everyone who uses it: one row, or none.

CREATE TABLE sage.last_backup (
    singleton boolean     PRIMARY KEY DEFAULT true CHECK (singleton),
    made_at   timestamptz NOT NULL
);

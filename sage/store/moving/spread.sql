-- What a move from a distributed database needs beside: each node refuses writes by itself, and records what is written
-- to the spaces that it has, in the same transaction.
SELECT create_reference_table('sage.moving');

CREATE TABLE sage.moving_journal_of_spaces (
    space_id   text   NOT NULL,
    entry      bigserial,
    table_name text   NOT NULL,
    key        jsonb  NOT NULL,
    PRIMARY KEY (space_id, entry)
);
SELECT create_distributed_table('sage.moving_journal_of_spaces', 'space_id', colocate_with => 'sage.sessions');

GRANT INSERT ON sage.moving_journal_of_spaces TO PUBLIC;
GRANT USAGE ON SEQUENCE sage.moving_journal_of_spaces_entry_seq TO PUBLIC;

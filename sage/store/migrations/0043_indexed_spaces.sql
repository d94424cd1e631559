-- Large spaces that have, or had, an index over their vectors, and about when each was last searched: within a day. One
-- that nobody has searched or saved into for a month gives its index up until it is used again. Only the user of the
-- database that Sage works as reads and writes it.
CREATE TABLE IF NOT EXISTS sage.indexed_spaces (
    space_id    text        PRIMARY KEY,
    searched_at timestamptz NOT NULL DEFAULT now()
);

ALTER TABLE sage.indexed_spaces ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_visible_spaces ON sage.indexed_spaces USING (space_id = current_setting('sage.space', true));

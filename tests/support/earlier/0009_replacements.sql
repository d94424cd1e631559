-- Which memories say anew what older ones said. Of a chain every link is kept, so that what is
-- current can be told when one in the middle is forgotten. What is replaced may arrive later, in an
-- import, so that nothing requires it to be there.

CREATE TABLE sage.replacements (
    space_id    text NOT NULL,
    memory_id   uuid NOT NULL,
    replaced_id uuid NOT NULL CHECK (replaced_id <> memory_id),
    PRIMARY KEY (space_id, memory_id, replaced_id),
    FOREIGN KEY (space_id, memory_id)
        REFERENCES sage.memories (space_id, memory_id) ON DELETE CASCADE
);

CREATE INDEX replacements_by_replaced ON sage.replacements (space_id, replaced_id, memory_id);

-- Since when a memory that is not forgotten replaces this one; null while it is current.
ALTER TABLE sage.memories ADD COLUMN superseded_at timestamptz;

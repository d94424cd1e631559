-- Finds a memory by the last digits of its id, four or more, as models and people name it; those in front are its time,
-- and found by the primary key. The digits stand the last first, so that those given are how an entry begins. They lead,
-- too, since of indexes that begin with a space a planner without statistics may take this one for the primary key.
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX IF NOT EXISTS memories_by_end_of_id
ON sage.memories ((reverse(right(memory_id::text, 12)) COLLATE "C"), space_id);

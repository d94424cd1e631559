-- Which import a memory came with, so that the import can be undone: an id for each run, and null for
-- what was saved. No row has one yet, so that the index is small; it is made in the transaction of
-- the migration, while saves wait.

ALTER TABLE sage.memories ADD COLUMN import_id uuid;

-- squawk-ignore require-concurrent-index-creation
CREATE INDEX memories_by_import ON sage.memories (import_id) WHERE import_id IS NOT NULL;

-- When somebody last said of a memory that it still holds, and who, as an author is named; null where nobody did.
ALTER TABLE sage.memories ADD COLUMN IF NOT EXISTS confirmed_at timestamptz;
ALTER TABLE sage.memories ADD COLUMN IF NOT EXISTS confirmed_by text;

-- The view names the columns that there were when it was made.
CREATE OR REPLACE VIEW sage.visible_memories AS
SELECT * FROM sage.memories WHERE space_id = ANY ((SELECT ARRAY[current_setting('sage.space', true)])::text[]);

-- Finds what was confirmed in a space, and names nobody who was erased.
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX IF NOT EXISTS memories_confirmed_of_space ON sage.memories (space_id, confirmed_at)
WHERE confirmed_at IS NOT NULL;

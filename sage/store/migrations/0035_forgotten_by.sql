-- Who forgot a memory, as an author is named; null where nobody was known, and of what is not forgotten.
ALTER TABLE sage.memories ADD COLUMN IF NOT EXISTS forgotten_by text;

-- Lists what is forgotten of a space, and names nobody who was erased.
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX IF NOT EXISTS memories_forgotten_of_space ON sage.memories (space_id, forgotten_at)
WHERE forgotten_at IS NOT NULL;

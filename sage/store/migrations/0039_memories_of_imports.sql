-- Lists the imports of a space one after the other, and counts each by the index alone.
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX IF NOT EXISTS memories_of_imports ON sage.memories (space_id, import_id, author, saved_at)
WHERE import_id IS NOT NULL;

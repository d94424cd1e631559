-- Spaces take turns in the embedding queue: an index that finds the next space that waits, and within
-- a space what is due longest, whatever waits in the others. The forgotten, due at infinity, are not
-- in it.

CREATE INDEX embedding_queue_turns ON embedding_queue (space_id, due_at)
WHERE failed_at IS NULL AND due_at < 'infinity';

DROP INDEX embedding_queue_due;

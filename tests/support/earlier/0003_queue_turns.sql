-- Spaces take turns in the embedding queue: an index that finds the next space that waits, and within
-- a space what is due longest, whatever waits in the others. The forgotten, due at infinity, are not
-- in it. A migration is one transaction, so that neither is done concurrently: the table holds no
-- more than what waits for its vector, and saves wait for the moment it takes.

-- squawk-ignore require-concurrent-index-creation
CREATE INDEX embedding_queue_turns ON embedding_queue (space_id, due_at)
WHERE failed_at IS NULL AND due_at < 'infinity';

-- squawk-ignore require-concurrent-index-deletion
DROP INDEX embedding_queue_due;

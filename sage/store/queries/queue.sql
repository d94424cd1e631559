-- name: lease_due
-- Take the rows that are due longest, so that no other worker gets them before the lease ends.
WITH due AS (
    SELECT space_id, memory_id FROM embedding_queue
    WHERE failed_at IS NULL AND due_at <= now()
    ORDER BY due_at
    LIMIT $1
    FOR UPDATE SKIP LOCKED
)
UPDATE embedding_queue AS waiting
SET due_at = now() + make_interval(secs => $2), attempts = waiting.attempts + 1
FROM due
JOIN memories USING (space_id, memory_id)
WHERE waiting.space_id = due.space_id AND waiting.memory_id = due.memory_id
RETURNING waiting.space_id, waiting.memory_id, memories.content, waiting.attempts;

-- name: complete_items
-- Take away rows whose vectors are stored.
DELETE FROM embedding_queue AS waiting
USING unnest($1::text[], $2::uuid[]) AS item (space_id, memory_id)
WHERE waiting.space_id = item.space_id AND waiting.memory_id = item.memory_id;

-- name: postpone_items
-- Let rows wait, unless they were forgotten meanwhile: those wait until they are brought back.
UPDATE embedding_queue AS waiting
SET due_at = now() + make_interval(secs => $3), last_error = $4
FROM unnest($1::text[], $2::uuid[]) AS item (space_id, memory_id)
WHERE waiting.space_id = item.space_id AND waiting.memory_id = item.memory_id
    AND waiting.due_at < 'infinity';

-- name: release_items
-- Give rows back as if they had not been leased, behind those that are due already; the forgotten
-- wait until they are brought back.
UPDATE embedding_queue AS waiting
SET due_at = now(), attempts = greatest(waiting.attempts - 1, 0), last_error = $3
FROM unnest($1::text[], $2::uuid[]) AS item (space_id, memory_id)
WHERE waiting.space_id = item.space_id AND waiting.memory_id = item.memory_id
    AND waiting.due_at < 'infinity';

-- name: fail_items
-- Give rows up: no worker takes them again.
UPDATE embedding_queue AS waiting
SET failed_at = now(), last_error = $3
FROM unnest($1::text[], $2::uuid[]) AS item (space_id, memory_id)
WHERE waiting.space_id = item.space_id AND waiting.memory_id = item.memory_id;

-- name: count_queue
-- Count what waits and what was given up, in one space or in all; the forgotten do not count.
SELECT count(*) FILTER (WHERE failed_at IS NULL) AS pending,
    count(*) FILTER (WHERE failed_at IS NOT NULL) AS failed
FROM embedding_queue
WHERE due_at < 'infinity' AND ($1::text IS NULL OR space_id = $1);

-- name: oldest_age
-- Tell how many seconds the oldest row has waited; no value when none waits.
SELECT extract(epoch FROM now() - min(enqueued_at))::float8
FROM embedding_queue
WHERE failed_at IS NULL AND due_at < 'infinity';

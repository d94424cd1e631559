-- name: lease_due
-- Take rows that are due so that no other worker gets them before the lease ends, the same number of
-- each space, in each those due longest. At most so many spaces have their turn: those that follow
-- the given one. Also tell which was the last, or none when those that follow it were all.
-- The index is walked from space to space: a long queue of one is stepped over, not read.
WITH RECURSIVE waiting_space AS (
    (
        SELECT space_id, due_at FROM sage.embedding_queue
        WHERE failed_at IS NULL AND due_at < 'infinity' AND space_id > $3
        ORDER BY space_id, due_at
        LIMIT 1
    )
    UNION ALL
    SELECT next.space_id, next.due_at
    FROM waiting_space AS last, LATERAL (
        SELECT space_id, due_at FROM sage.embedding_queue
        WHERE failed_at IS NULL AND due_at < 'infinity' AND space_id > last.space_id
        ORDER BY space_id, due_at
        LIMIT 1
    ) AS next
), turn AS MATERIALIZED (
    SELECT space_id FROM waiting_space WHERE due_at <= now() LIMIT $1::integer
), due AS (
    SELECT first.space_id, first.memory_id
    FROM turn, LATERAL (
        SELECT space_id, memory_id FROM sage.embedding_queue
        WHERE failed_at IS NULL AND due_at < 'infinity' AND due_at <= now()
            AND space_id = turn.space_id
        ORDER BY due_at
        LIMIT (SELECT $1 / count(*) FROM turn)
        FOR UPDATE SKIP LOCKED
    ) AS first
    LIMIT $1  -- They are no more anyway; now the planner knows that they are few.
)
UPDATE sage.embedding_queue AS waiting
SET due_at = now() + make_interval(secs => $2), attempts = waiting.attempts + 1,
    deliveries = waiting.deliveries + 1
FROM due
JOIN sage.memories USING (space_id, memory_id)
WHERE waiting.space_id = due.space_id AND waiting.memory_id = due.memory_id
RETURNING waiting.space_id, waiting.memory_id, memories.content, waiting.attempts, waiting.deliveries,
    coalesce((
        SELECT extent FROM sage.memory_classes
        WHERE memory_classes.space_id = waiting.space_id AND memory_classes.memory_id = waiting.memory_id
    ), 0) AS extent,
    waiting.enqueued_at, waiting.due_at AS leased_until,
    (SELECT CASE WHEN count(*) = $1 THEN max(space_id) ELSE '' END FROM turn) AS last_space;

-- distributed: lease_due
-- Find which spaces wait on all nodes at once, then lease from one after the other.
SELECT * FROM sage.lease_due($1::integer, $2, $3);

-- name: async_commit
-- Let this transaction be on disk a moment after its commit: one lost in a crash is done again.
SELECT set_config('synchronous_commit', 'off', true);

-- name: renew_leases
-- Hold rows longer that are still leased; tell which those are, and until when.
UPDATE sage.embedding_queue AS waiting
SET due_at = now() + make_interval(secs => $4)
FROM unnest($1::text[], $2::uuid[], $3::timestamptz[]) AS item (space_id, memory_id, leased_until)
WHERE waiting.space_id = item.space_id AND waiting.memory_id = item.memory_id
    AND waiting.due_at = item.leased_until
RETURNING waiting.space_id, waiting.memory_id, waiting.due_at AS leased_until;

-- distributed: renew_leases
-- Go by spaces: each has its node.
SELECT space_id, memory_id, leased_until
FROM sage.renew_leases($1::text[], $2::uuid[], $3::timestamptz[], $4);

-- name: complete_items
-- Take away rows whose vectors are stored, also those forgotten meanwhile; not those whose lease ended
-- and which another worker holds by now.
DELETE FROM sage.embedding_queue AS waiting
USING unnest($1::text[], $2::uuid[], $3::timestamptz[]) AS item (space_id, memory_id, leased_until)
WHERE waiting.space_id = item.space_id AND waiting.memory_id = item.memory_id
    AND waiting.due_at IN (item.leased_until, 'infinity');

-- distributed: complete_items
-- Go by spaces: each has its node.
SELECT sage.complete_items($1::text[], $2::uuid[], $3::timestamptz[]);

-- name: postpone_items
-- Let rows wait that are still leased: neither forgotten meanwhile nor held by another worker.
UPDATE sage.embedding_queue AS waiting
SET due_at = now() + make_interval(secs => $4), deliveries = 0, last_error = $5
FROM unnest($1::text[], $2::uuid[], $3::timestamptz[]) AS item (space_id, memory_id, leased_until)
WHERE waiting.space_id = item.space_id AND waiting.memory_id = item.memory_id
    AND waiting.due_at = item.leased_until;

-- distributed: postpone_items
-- Go by spaces: each has its node.
SELECT sage.postpone_items($1::text[], $2::uuid[], $3::timestamptz[], $4, $5);

-- name: release_items
-- Give rows back that are still leased as if they had not been, behind those that are due already;
-- without a reason the one of before stays.
UPDATE sage.embedding_queue AS waiting
SET due_at = now(), attempts = greatest(waiting.attempts - 1, 0),
    deliveries = greatest(waiting.deliveries - 1, 0), last_error = coalesce($4, waiting.last_error)
FROM unnest($1::text[], $2::uuid[], $3::timestamptz[]) AS item (space_id, memory_id, leased_until)
WHERE waiting.space_id = item.space_id AND waiting.memory_id = item.memory_id
    AND waiting.due_at = item.leased_until;

-- distributed: release_items
-- Go by spaces: each has its node.
SELECT sage.release_items($1::text[], $2::uuid[], $3::timestamptz[], $4);

-- name: fail_items
-- Give rows up that are still leased: no worker takes them again.
UPDATE sage.embedding_queue AS waiting
SET failed_at = now(), last_error = $4
FROM unnest($1::text[], $2::uuid[], $3::timestamptz[]) AS item (space_id, memory_id, leased_until)
WHERE waiting.space_id = item.space_id AND waiting.memory_id = item.memory_id
    AND waiting.due_at = item.leased_until;

-- distributed: fail_items
-- Go by spaces: each has its node.
SELECT sage.fail_items($1::text[], $2::uuid[], $3::timestamptz[], $4);

-- name: count_queue
-- Count what waits and what was given up, in one space or in all; the forgotten do not count.
SELECT count(*) FILTER (WHERE failed_at IS NULL) AS pending,
    count(*) FILTER (WHERE failed_at IS NOT NULL) AS failed
FROM sage.embedding_queue
WHERE due_at < 'infinity' AND ($1::text IS NULL OR space_id = $1);

-- name: count_pending
-- Count what waits in a space, up to $2.
SELECT count(*) FROM (
    SELECT FROM sage.embedding_queue
    WHERE failed_at IS NULL AND due_at < 'infinity' AND space_id = $1
    LIMIT $2
) AS waiting;

-- name: oldest_age
-- Tell how many seconds the oldest row has waited; no value when none waits.
SELECT extract(epoch FROM now() - min(enqueued_at))::float8
FROM sage.embedding_queue
WHERE failed_at IS NULL AND due_at < 'infinity';

-- name: record_events
-- Append events to the audit log, given as one JSON array, unless they are there.
INSERT INTO sage.audit (
    event_id, at, surface, action, outcome, token_name, user_name, origin, space, ids, id_count, unrecorded
)
SELECT event_id, at, surface, action, outcome, token_name, user_name, origin, space, ids, id_count, unrecorded
FROM jsonb_to_recordset($1::text::jsonb) AS event (
    event_id uuid, at timestamptz, surface text, action text, outcome text, token_name text,
    user_name text, origin text, space text, ids text[], id_count integer, unrecorded integer
)
ON CONFLICT DO NOTHING;

-- name: record_save
-- Append the event of a save, given as a JSON object, as a role that works in a space.
SELECT sage.record_save(true, $1);

-- name: list_events
-- List events of the audit log, the newest first, that came before one ($7 and $8) and since a time, of a
-- user, of a token, in a space by its name or id, of an action; null where any will do.
SELECT audit.*, spaces.name AS space_name
FROM sage.audit
LEFT JOIN sage.spaces ON spaces.id = audit.space
WHERE ($1::timestamptz IS NULL OR at >= $1)
    AND ($2::text IS NULL OR user_name = $2)
    AND ($3::text IS NULL OR token_name = $3)
    AND ($4::text IS NULL OR $4 IN (space, spaces.name))
    AND ($5::text IS NULL OR action = $5)
    AND ($7::timestamptz IS NULL OR (at, event_id) < ($7, $8::uuid))
ORDER BY at DESC, event_id DESC
LIMIT $6;

-- name: bound_of_events
-- Find the event that comes $1 events before one ($2 and $3), or before now; none where there are not so many.
SELECT at, event_id FROM sage.audit
WHERE $2::timestamptz IS NULL OR (at, event_id) < ($2, $3::uuid)
ORDER BY at DESC, event_id DESC
OFFSET $1::integer - 1 LIMIT 1;

-- name: page_of_events
-- List events of the audit log, the newest first, that came before one ($1 and $2) and not before another
-- ($3 and $4), in one of the spaces with the ids $5, and as chosen; null where any will do.
SELECT audit.at, event_id, surface, action, outcome, token_name, user_name, origin,
    coalesce(spaces.name, audit.space) AS space, ids, id_count, unrecorded
FROM sage.audit
LEFT JOIN sage.spaces ON spaces.id = audit.space
WHERE ($1::timestamptz IS NULL OR (at, event_id) < ($1, $2::uuid))
    AND ($3::timestamptz IS NULL OR (at, event_id) >= ($3, $4::uuid))
    AND ($5::text[] IS NULL OR audit.space = ANY ($5))
    AND ($6::timestamptz IS NULL OR at >= $6)
    AND ($7::timestamptz IS NULL OR at < $7)
    AND ($8::text IS NULL OR user_name = $8)
    AND ($9::text IS NULL OR token_name = $9)
    AND ($10::text IS NULL OR action = $10)
    AND ($11::text IS NULL OR outcome = $11)
ORDER BY at DESC, event_id DESC
LIMIT $12;

-- name: purge_events
-- Delete, at most so many, the events that are older than so many days.
DELETE FROM sage.audit
WHERE event_id IN (
    SELECT event_id FROM sage.audit
    WHERE at < now() - make_interval(days => $1)
    ORDER BY at, event_id
    LIMIT $2
)
RETURNING 1;

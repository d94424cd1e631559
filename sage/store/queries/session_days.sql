-- name: count_days_again
-- Count again what was said in the sessions of the given memories on their days.
SELECT sage.count_sessions($1, array_agg(session_id), array_agg(day))
FROM (
    SELECT DISTINCT session_id, sage.utc_day(created_at) AS day
    FROM sage.memories
    WHERE space_id = $1 AND memory_id = ANY ($2::uuid[])
) AS changed
HAVING count(*) > 0;

-- name: count_sessions_again
-- Count again what was said in the given sessions on all days.
SELECT sage.count_sessions($1, $2::text[], '{}');

-- name: count_activity
-- Count what was said in each of the spans that begin at $2, the last of which begins where the range ends, and in how
-- many sessions; by 'client' or 'project' ($3), or in all. What was said in a session on a day (UTC) is mostly within
-- one span; otherwise its messages are looked at.
WITH kept AS MATERIALIZED (
    SELECT session_id, memories, first_at, last_at,
        CASE $3::text WHEN 'client' THEN sage.client_of(source) WHEN 'project' THEN project END AS name,
        width_bucket(first_at, $2::timestamptz[]) AS first_span,
        width_bucket(last_at, $2::timestamptz[]) AS last_span
    FROM sage.session_days
    WHERE space_id = $1
        AND day BETWEEN sage.utc_day($2[1]) AND sage.utc_day($2[cardinality($2::timestamptz[])])
), named AS (
    SELECT name, CASE $3 WHEN 'project' THEN sage.project_of($1, name) ELSE name END AS called
    FROM (SELECT DISTINCT name FROM kept) AS names
), said AS MATERIALIZED (
    SELECT session_id, created_at, width_bucket(created_at, $2::timestamptz[]) AS span
    FROM sage.memories
    WHERE space_id = $1 AND session_id = ANY (ARRAY(SELECT session_id FROM kept WHERE first_span <> last_span))
        AND forgotten_at IS NULL AND NOT (metadata ? 'part' AND NOT
            -- include: first_of_message
        )
), counted AS (
    SELECT last_span AS span, name, session_id, memories FROM kept WHERE first_span = last_span
    UNION ALL
    SELECT said.span, kept.name, kept.session_id, 1
    FROM kept
    JOIN said ON said.session_id = kept.session_id AND said.created_at BETWEEN kept.first_at AND kept.last_at
    WHERE first_span <> last_span
)
SELECT span, called AS name, sum(memories)::bigint AS memories, count(DISTINCT session_id) AS sessions
FROM counted
JOIN named ON named.name IS NOT DISTINCT FROM counted.name
WHERE span BETWEEN 1 AND cardinality($2::timestamptz[]) - 1
GROUP BY span, called
ORDER BY span, memories DESC, called;

-- name: count_said
-- Count what was said in a space and in how many sessions, and find since when.
SELECT coalesce(sum(memories), 0)::bigint AS memories, count(DISTINCT session_id) AS sessions, min(first_at) AS first_at
FROM sage.session_days
WHERE space_id = $1;

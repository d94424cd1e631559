-- name: read_replies
-- Read what was answered to each of the questions $2, and for each of the answers $3 what was answered later to the
-- question before it in its session.
SELECT memory_id, reply_id
FROM sage.memory_classes
WHERE space_id = $1 AND memory_id = ANY ($2::uuid[]) AND reply_id IS NOT NULL
UNION ALL
SELECT answer.memory_id, asked.reply_id
FROM sage.memories AS answer
CROSS JOIN LATERAL (
    SELECT classed.reply_id
    FROM (
        SELECT memory_id, created_at, arrival
        FROM sage.memories
        WHERE space_id = $1
          AND session_id = answer.session_id
          AND (created_at, arrival) < (answer.created_at, answer.arrival)
          AND forgotten_at IS NULL
        ORDER BY created_at DESC, arrival DESC
        LIMIT 8
    ) AS earlier
    CROSS JOIN LATERAL (
        SELECT class, reply_id
        FROM sage.memory_classes
        WHERE space_id = $1 AND memory_classes.memory_id = earlier.memory_id
        OFFSET 0
    ) AS classed
    WHERE class IN (1, 2) OR reply_id IS NOT NULL
    ORDER BY earlier.created_at DESC, earlier.arrival DESC
    LIMIT 1
) AS asked
WHERE answer.space_id = $1
  AND answer.memory_id = ANY ($3::uuid[])
  AND asked.reply_id <> answer.memory_id;

-- name: read_replies
-- Read what replies to each of the memories $2: what was answered, where it asks, otherwise what puts it right, with
-- whether a question was answered so. Of the latter, what it puts right among what is not in $2 is read as well. An
-- answer may have been put right, too.
SELECT memory_id, class IN (1, 2) AS asks, reply_id,
    (
        SELECT true FROM sage.memory_classes AS asked
        WHERE asked.space_id = $1 AND asked.reply_id = said.reply_id AND asked.class IN (1, 2)
        LIMIT 1
    ) IS NOT NULL AS is_answer,
    (
        SELECT reply_id FROM sage.memory_classes AS reply
        WHERE reply.space_id = $1 AND reply.memory_id = said.reply_id AND said.class IN (1, 2)
          AND (
              SELECT class FROM sage.memory_classes AS later
              WHERE later.space_id = $1 AND later.memory_id = reply.reply_id
          ) = 0
    ) AS correction_id
FROM sage.memory_classes AS said
WHERE space_id = $1
  AND (
      memory_id = ANY ($2::uuid[])
      OR (reply_id = ANY ($2::uuid[]) AND class NOT IN (1, 2))
  )
  AND reply_id IS NOT NULL
  AND (
      class IN (1, 2)
      OR (
          SELECT class FROM sage.memory_classes AS reply
          WHERE reply.space_id = $1 AND reply.memory_id = said.reply_id
      ) = 0
  );

-- name: read_responses
-- Read the beginning ($3 characters) of what an assistant said next after each of memories $2, before anybody else spoke
-- in the session; what is of class $4 left out.
SELECT prompt.memory_id, next.content
FROM sage.visible_memories AS prompt
CROSS JOIN LATERAL (
    SELECT role, left(content, $3) AS content
    FROM sage.visible_memories AS said
    LEFT JOIN sage.memory_classes AS classes USING (space_id, memory_id)
    WHERE space_id = $1
      AND session_id = prompt.session_id
      AND (created_at, arrival) > (prompt.created_at, prompt.arrival)
      AND forgotten_at IS NULL
      AND superseded_at IS NULL
      AND class IS DISTINCT FROM $4
    ORDER BY created_at, arrival
    LIMIT 1
) AS next
WHERE prompt.space_id = $1 AND prompt.memory_id = ANY ($2::uuid[]) AND next.role = 'assistant';

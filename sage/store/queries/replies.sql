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

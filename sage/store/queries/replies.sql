-- name: read_exchanges
-- Read all that is shown of memories $2, of what replies to them and of what they put right, by their keys: not by the
-- index of all that is not forgotten. To each replies what was answered, where it asks, otherwise what puts it right,
-- with whether a question was answered so. An answer may have been put right, too.
WITH replied AS MATERIALIZED (
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
    FROM (
        SELECT said.*
        FROM unnest($2::uuid[]) AS given (asked_id)
        CROSS JOIN LATERAL (
            SELECT memory_id, class, reply_id FROM sage.memory_classes
            WHERE space_id = $1 AND memory_id = asked_id
            OFFSET 0 -- not by the index of all that were replied to, which may be thought to be few
        ) AS said
        UNION
        SELECT said.*
        FROM unnest($2::uuid[]) AS given (asked_id)
        CROSS JOIN LATERAL (
            SELECT memory_id, class, reply_id FROM sage.memory_classes
            WHERE space_id = $1 AND reply_id = asked_id AND class NOT IN (1, 2)
            OFFSET 0
        ) AS said
    ) AS said
    WHERE reply_id IS NOT NULL
      AND (
          class IN (1, 2)
          OR (
              SELECT class FROM sage.memory_classes AS reply
              WHERE reply.space_id = $1 AND reply.memory_id = said.reply_id
          ) = 0
      )
)
SELECT memory_id, session_id, role, name, content, created_at,
    sage.with_current_project(space_id, metadata) AS metadata, superseded_at, author,
    confirmed_at, confirmed_by, sage.source_of(source, import_id, metadata) AS source,
    asks, reply_id, is_answer, correction_id
FROM sage.memories
LEFT JOIN replied USING (memory_id)
WHERE space_id = $1
  AND memory_id = ANY (
      $2::uuid[] || ARRAY(SELECT unnest(ARRAY[memory_id, reply_id, correction_id]) FROM replied)
  )
  AND coalesce(forgotten_at IS NULL, false);

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

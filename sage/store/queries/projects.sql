-- name: under_any_name
-- Read what metadata contains any of where it is of a project, by each of its names.
SELECT sage.under_any_name($1, $2);

-- name: latest_sessions_of_project
-- Find the sessions in which something was said last about a project, the latest first, $3 left out.
WITH RECURSIVE latest (session_ids) AS (
    VALUES ($3::text[])
    UNION ALL
    SELECT latest.session_ids || next.session_id
    FROM latest
    CROSS JOIN LATERAL (
        SELECT session_id
        FROM sage.visible_memories
        WHERE space_id = $1
          AND forgotten_at IS NULL
          AND superseded_at IS NULL
          AND metadata @> ANY ($2::jsonb[])
          AND session_id <> ALL (latest.session_ids)
        ORDER BY created_at DESC, arrival DESC
        LIMIT 1
    ) AS next
    WHERE cardinality(latest.session_ids) < cardinality($3::text[]) + $4
)
SELECT session_id
FROM latest, unnest(session_ids[cardinality($3::text[]) + 1 :]) AS session_id
WHERE cardinality(session_ids) = (SELECT max(cardinality(session_ids)) FROM latest);

-- name: turns_of_session
-- Read what people and assistants said last in a session about a project, the newest first, and what
-- was said first, without classes $4. Of a text only the first and last $5 characters are read; what
-- was split for its length counts once, with the ends and the size of the whole.
WITH said AS (
    SELECT memories.*, classes.class, classes.reply_id IS NOT NULL AS is_answered
    FROM sage.visible_memories AS memories
    LEFT JOIN sage.memory_classes AS classes USING (space_id, memory_id)
    WHERE space_id = $1
      AND session_id = $2
      AND forgotten_at IS NULL
      AND superseded_at IS NULL
      AND metadata @> ANY ((SELECT sage.under_any_name($1, $3))::jsonb[])
      AND role IN ('user', 'assistant')
      AND coalesce(class, 0) <> ALL ($4::smallint[])
      AND coalesce(metadata ->> 'part', '1') = '1'
), chosen AS (
    (SELECT * FROM said ORDER BY created_at DESC, arrival DESC LIMIT $6)
    UNION
    (SELECT * FROM said WHERE role = 'user' ORDER BY created_at, arrival LIMIT 1)
)
SELECT memory_id, session_id, role, name, left(content, $5) AS content, created_at, author,
    confirmed_at, sage.source_of(source, import_id, metadata) AS source,
    coalesce(class, 0) AS class, coalesce(is_answered, false) AS is_answered,
    metadata ? 'unfinished' AS is_unfinished,
    coalesce(whole.chars, length(content)) AS chars, right(coalesce(whole.last_part, content), $5) AS ending
FROM chosen
LEFT JOIN LATERAL (
    SELECT least((last.metadata ->> 'chars')::numeric, 1000000000)::integer AS chars, content AS last_part
    FROM sage.visible_memories AS last
    WHERE space_id = $1 AND session_id = chosen.session_id AND created_at = chosen.created_at
        AND role = chosen.role AND metadata -> 'chars' = chosen.metadata -> 'chars'
        AND metadata -> 'part' = metadata -> 'parts' AND jsonb_typeof(metadata -> 'chars') = 'number'
    LIMIT 1
) AS whole ON chosen.metadata ? 'chars'
ORDER BY created_at DESC, arrival DESC;

-- fragment: of_project
-- Read memories, those of $n, of a project $2 and of none, or of all where it is null; those of some sessions ($3) left
-- out.
SELECT memory_id, session_id, role, name, content, created_at, metadata, author,
    confirmed_at, sage.source_of(source, import_id, metadata) AS source
FROM $n AS memories
LEFT JOIN sage.memory_classes AS classes USING (space_id, memory_id)
WHERE space_id = $1
  AND forgotten_at IS NULL
  AND superseded_at IS NULL
  AND (
      SELECT true
      WHERE $2::text IS NULL OR metadata ->> 'project' IS NULL
          OR metadata ->> 'project' = ANY ((SELECT sage.names_of_project($1, $2))::text[])
  ) IS NOT NULL -- expected of nearly all, so that they are walked from the newest on until there are enough
  AND session_id <> ALL ($3::text[]);

-- fragment: newest_first
-- Take the newest $n of a space that are not forgotten, by the index of those that state the same.
    AND space_id = $1 AND forgotten_at IS NULL
ORDER BY created_at DESC, arrival DESC
LIMIT $n;

-- fragment: by_people
-- Leave out what people did not say, or what is of the classes $5; the newest $4 come first.
AND role = 'user'
AND coalesce(class, 0) <> ALL ($5::smallint[])
ORDER BY created_at DESC, arrival DESC
LIMIT $4;

-- name: preferences_of_project
-- Read the newest memories of a project that state a preference, among the newest $6 of the space that do.
WITH newest AS (
    SELECT * FROM sage.visible_memories WHERE lexemes @@ '''@prefers'''
    -- include: newest_first $6
)
-- include: of_project newest
-- include: by_people
;

-- name: wishes_of_project
-- Read the newest memories of a project that say how their author wishes to be answered, among the newest $6 that do.
WITH newest AS (
    SELECT * FROM sage.visible_memories WHERE lexemes @@ '''@wishes'''
    -- include: newest_first $6
)
-- include: of_project newest
-- include: by_people
;

-- name: decisions_of_project
-- Read the newest memories of a project that state a decision, among the newest $6 of the space that do.
WITH newest AS (
    SELECT * FROM sage.visible_memories WHERE lexemes @@ '''@decides'''
    -- include: newest_first $6
)
-- include: of_project newest
-- include: by_people
;

-- name: statements_of_project
-- Read the newest of a project that people stated, what is of class $7, and that matches $6.
-- include: of_project sage.visible_memories
AND role = 'user'
AND length(content) <= $4
AND coalesce(class, $7) = $7
AND lexemes @@ $6::text::tsquery
ORDER BY created_at DESC, arrival DESC
LIMIT $5;

-- name: has_other_users
-- Tell whether somebody else may open a space: a user with a token for it who is not called $2.
SELECT EXISTS (
    SELECT
    FROM sage.token_spaces
    JOIN sage.tokens USING (token_id)
    WHERE token_spaces.space_id = $1 AND tokens.user_name IS DISTINCT FROM $2
      AND tokens.user_name IS NOT NULL
);

-- name: said_already
-- Find which of some texts were said in some sessions, or are those of some memories.
SELECT DISTINCT content
FROM sage.visible_memories
WHERE space_id = $1
  AND (session_id = ANY ($2::text[]) OR memory_id = ANY ($3::uuid[]))
  AND content = ANY ($4::text[]);

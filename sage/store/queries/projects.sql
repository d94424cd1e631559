-- name: recent_of_project
-- Read the newest memories of a project that still hold, those of some sessions left out.
SELECT memory_id, session_id, role, name, content, created_at, metadata, author,
    sage.source_of(source, import_id, metadata) AS source
FROM sage.visible_memories
WHERE space_id = $1
  AND forgotten_at IS NULL
  AND superseded_at IS NULL
  AND metadata @> $2
  AND session_id <> ALL ($3::text[])
ORDER BY created_at DESC, arrival DESC
LIMIT $4;

-- name: short_matches_of_project
-- Read the newest short memories of users of a project, and of none, that match $4, those of some
-- sessions left out.
SELECT memory_id, session_id, role, name, content, created_at, metadata, author,
    sage.source_of(source, import_id, metadata) AS source
FROM sage.visible_memories
WHERE space_id = $1
  AND forgotten_at IS NULL
  AND superseded_at IS NULL
  AND role = 'user'
  AND lexemes @@ $4::text::tsquery
  AND (metadata ->> 'project' IS NULL OR metadata ->> 'project' = $2)
  AND session_id <> ALL ($3::text[])
  AND length(content) <= 2000
ORDER BY created_at DESC, arrival DESC
LIMIT $5;

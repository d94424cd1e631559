-- name: recent_of_project
-- Read the newest memories of a project that still hold, those of one session left out.
SELECT memory_id, session_id, role, name, content, created_at, metadata
FROM sage.memories
WHERE space_id = $1
  AND forgotten_at IS NULL
  AND superseded_at IS NULL
  AND metadata @> $2
  AND session_id <> $3
ORDER BY created_at DESC, arrival DESC
LIMIT $4;

-- name: lock_projects
-- Let one transaction at a time rename projects of a space.
SELECT pg_advisory_xact_lock(1700951, hashtext($1));

-- name: list_projects
-- Count the memories of each project of a space, or of one by its names ($2), the one with the latest
-- message first.
SELECT coalesce(renamed.project, found.name) AS name, sum(memories)::bigint AS memories,
    count(DISTINCT session_id) AS sessions, min(first_at) AS first_at, max(last_at) AS last_at
FROM (
    SELECT metadata ->> 'project' AS name, session_id, count(*) AS memories,
        min(created_at) AS first_at, max(created_at) AS last_at
    FROM sage.visible_memories AS memories
    WHERE space_id = $1 AND forgotten_at IS NULL
      AND jsonb_typeof(metadata -> 'project') = 'string'
      AND
      -- include: first_of_message
      AND (
          $2::text[] IS NULL
          OR metadata @> ANY (ARRAY(SELECT jsonb_build_object('project', one) FROM unnest($2) AS one))
      )
    GROUP BY 1, 2
) AS found
LEFT JOIN (
    SELECT name, sage.project_of($1, name) AS project FROM sage.project_names WHERE space_id = $1
) AS renamed USING (name)
GROUP BY 1
ORDER BY last_at DESC, name
LIMIT $3;

-- name: name_projects
-- Name the projects of a space, the one with the latest message first. A session is of one project on a day: the last.
SELECT coalesce(renamed.project, found.name) AS name
FROM (
    SELECT project AS name, max(last_at) AS last_at
    FROM sage.session_days
    WHERE space_id = $1 AND project IS NOT NULL
    GROUP BY project
) AS found
LEFT JOIN (
    SELECT name, sage.project_of($1, name) AS project FROM sage.project_names WHERE space_id = $1
) AS renamed USING (name)
GROUP BY 1
ORDER BY max(last_at) DESC, name
LIMIT $2;

-- name: list_project_names
-- List the names that lead to other ones in a space, with what their projects are called now.
SELECT name, project AS leads_to, sage.project_of($1, name) AS project
FROM sage.project_names
WHERE space_id = $1
ORDER BY name;

-- name: list_project_identities
-- List which names of projects of a space have which identities, with what these are called now.
SELECT identity, name, sage.project_of($1, name) AS project
FROM sage.project_identities
WHERE space_id = $1
ORDER BY seen_at DESC, name;

-- name: names_of_project
-- Read all names of a project, by any of them: what it is called now comes first.
SELECT sage.names_of_project($1, $2);

-- name: lead_project
-- Have what is called $2 belong to $3.
INSERT INTO sage.project_names (space_id, name, project) VALUES ($1, $2, $3)
ON CONFLICT (space_id, name) DO UPDATE SET project = excluded.project;

-- name: free_project
-- Have a name lead nowhere.
DELETE FROM sage.project_names WHERE space_id = $1 AND name = $2;

-- name: record_identities
-- Record by what a project can be known; return how much of it was new.
WITH seen AS (
    INSERT INTO sage.project_identities AS known (space_id, identity, name)
    SELECT $1, identity, $2 FROM unnest($3::bytea[]) AS identity
    ON CONFLICT (space_id, identity, name) DO UPDATE SET seen_at = excluded.seen_at
    RETURNING xmax = 0 AS is_new
)
SELECT count(*) FROM seen WHERE is_new;

-- name: bound_identities
-- Delete the identities that were seen longest ago, beyond so many of a space.
DELETE FROM sage.project_identities
WHERE space_id = $1 AND ctid = ANY (ARRAY(
    SELECT ctid FROM sage.project_identities WHERE space_id = $1
    ORDER BY seen_at DESC, name
    OFFSET $2
));

-- name: find_look_alike
-- Find the project that others have seen with one of these identities, the one with the latest message.
SELECT found.project
FROM (
    SELECT DISTINCT sage.project_of($1, name) AS project
    FROM sage.project_identities
    WHERE space_id = $1 AND identity = ANY ($2::bytea[])
) AS found
CROSS JOIN LATERAL (
    SELECT count(*) AS memories, max(created_at) AS last_at -- counted, so that no index is walked by time
    FROM sage.visible_memories
    WHERE space_id = $1 AND forgotten_at IS NULL
      AND metadata @> ANY ((SELECT sage.under_any_name($1, jsonb_build_object('project', found.project)))::jsonb[])
) AS latest
WHERE memories > 0 AND found.project <> sage.project_of($1, $3)
ORDER BY last_at DESC
LIMIT 1;

-- name: has_memories_of_project
-- Tell whether anything belongs to a project, or did before it was forgotten. The planner, which expects
-- much of it, is kept from reading the whole space for the first.
WITH belonging AS MATERIALIZED (
    SELECT memory_id FROM sage.visible_memories
    WHERE space_id = $1
      AND metadata @> ANY ((SELECT sage.under_any_name($1, jsonb_build_object('project', $2::text)))::jsonb[])
)
SELECT EXISTS (SELECT FROM belonging);

-- name: drop_unused_names
-- Delete what is known of the projects of a space that no memory belongs to any more; count it by table.
WITH names AS (
    SELECT name FROM sage.project_names WHERE space_id = $1
    UNION
    SELECT name FROM sage.project_identities WHERE space_id = $1
), unused AS MATERIALIZED (
    SELECT name FROM names
    WHERE NOT EXISTS (
        SELECT FROM sage.memories
        WHERE space_id = $1
          AND metadata @> ANY (sage.under_any_name($1, jsonb_build_object('project', names.name)))
    )
), gone_names AS (
    DELETE FROM sage.project_names
    USING unused
    WHERE space_id = $1 AND project_names.name = unused.name
    RETURNING 1
), gone_identities AS (
    DELETE FROM sage.project_identities
    USING unused
    WHERE space_id = $1 AND project_identities.name = unused.name
    RETURNING 1
)
SELECT (SELECT count(*) FROM gone_names) AS project_names,
    (SELECT count(*) FROM gone_identities) AS project_identities;

-- name: read_as_of_now
-- Let the transaction see the database as it is when it first looks.
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY;

-- name: count_exported
-- Count what is not forgotten in a space, or in all; of an author ($2) also what is. Of all sessions, or $3.
SELECT count(*) FROM sage.memories
WHERE ($1::text IS NULL OR space_id = $1)
    AND CASE WHEN $2::text IS NULL THEN forgotten_at IS NULL ELSE author = $2 END
    AND ($3::text IS NULL OR session_id = $3);

-- name: export_page
-- Read the memories of a space, or of all, that follow a place in the order of their sessions, and
-- inside a session in its order; a space and a project go by their names. Of an author ($7) also the forgotten. Of all
-- sessions, or $8.
SELECT space_id, (SELECT name FROM sage.spaces WHERE spaces.id = memories.space_id) AS space,
    memory_id, session_id, arrival, role, name, content, created_at,
    sage.with_current_project(space_id, metadata)::text AS metadata,
    ARRAY(
        SELECT replaced_id FROM sage.replacements
        WHERE replacements.space_id = memories.space_id
            AND replacements.memory_id = memories.memory_id
        ORDER BY replaced_id
    ) AS replaces,
    author, forgotten_at, superseded_at IS NOT NULL AS is_superseded, confirmed_at, confirmed_by
FROM sage.memories
WHERE (session_id, space_id, created_at, arrival) > ($1, $2, $3, $4)
    AND ($5::text IS NULL OR space_id = $5)
    AND CASE WHEN $7::text IS NULL THEN forgotten_at IS NULL ELSE author = $7 END
    AND ($8::text IS NULL OR session_id = $8)
ORDER BY session_id, space_id, created_at, arrival
LIMIT $6;

-- name: find_arrived
-- Read those of the given memories that are there, also the forgotten.
SELECT space_id, space_id AS space, memory_id, session_id, role, name, content, created_at,
    metadata::text AS metadata,
    ARRAY(
        SELECT replaced_id FROM sage.replacements
        WHERE replacements.space_id = memories.space_id
            AND replacements.memory_id = memories.memory_id
        ORDER BY replaced_id
    ) AS replaces,
    author, NULL::timestamptz AS forgotten_at, superseded_at IS NOT NULL AS is_superseded, confirmed_at, confirmed_by
FROM unnest($1::text[], $2::uuid[]) AS given (space_id, memory_id)
JOIN sage.memories USING (space_id, memory_id);

-- name: find_ids
-- Read which of the given ids are those of memories in any space, also of the forgotten.
SELECT DISTINCT given.memory_id
FROM sage.spaces
CROSS JOIN unnest($1::uuid[]) AS given (memory_id)
JOIN sage.memories ON memories.space_id = spaces.id AND memories.memory_id = given.memory_id;

-- name: stage_arrivals
-- Make the table that memories are copied into on their way; it is gone with the transaction.
CREATE TEMPORARY TABLE arriving_memories (
    position   integer,
    space_id   text,
    memory_id  uuid,
    session_id text,
    role       text,
    name       text,
    content    text,
    created_at timestamptz,
    metadata   text,
    lexemes    text,
    author     text,
    class      smallint,
    rules_version smallint,
    reply_id   uuid,
    extent     smallint,
    confirmed_at timestamptz,
    confirmed_by text
) ON COMMIT DROP;

-- name: keep_arrivals
-- Keep what was copied, in its order, with its class and, if it gets vectors, a place in the embedding queue; what is
-- there already stays as it is. A space that is not there gets its id for a name.
WITH opened AS (
    INSERT INTO sage.spaces (id, name)
    SELECT DISTINCT space_id, space_id FROM pg_temp.arriving_memories
    ON CONFLICT (id) DO NOTHING
), ensured AS (
    INSERT INTO sage.sessions (space_id, session_id)
    SELECT DISTINCT space_id, session_id FROM pg_temp.arriving_memories ORDER BY space_id, session_id
    ON CONFLICT DO NOTHING
), kept AS (
    INSERT INTO sage.memories
        (space_id, memory_id, session_id, role, name, content, created_at, metadata, lexemes,
        author, import_id, source, confirmed_at, confirmed_by)
    SELECT space_id, memory_id, session_id, role, name, content, created_at, metadata::jsonb,
        lexemes::tsvector, author, $1::uuid, $2::text, confirmed_at, confirmed_by
    FROM pg_temp.arriving_memories
    ORDER BY position
    ON CONFLICT DO NOTHING
    RETURNING space_id, memory_id, session_id, created_at, metadata, author,
        sage.source_of(source, import_id, metadata) AS source
), classed AS (
    INSERT INTO sage.memory_classes (space_id, memory_id, class, rules_version, reply_id, extent)
    SELECT DISTINCT ON (space_id, memory_id) space_id, memory_id, class, rules_version, reply_id, extent
    FROM kept JOIN pg_temp.arriving_memories USING (space_id, memory_id)
    ORDER BY space_id, memory_id, position
    RETURNING space_id, memory_id, class, extent
), queued AS (
    INSERT INTO sage.embedding_queue (space_id, memory_id)
    SELECT space_id, memory_id FROM classed WHERE sage.is_embedded(class, extent)
), counted AS (
    INSERT INTO sage.session_days AS day
        (space_id, session_id, day, memories, first_at, last_at, project, source, author)
    SELECT space_id, session_id, sage.utc_day(created_at), count(*), min(created_at), max(created_at),
        (array_agg(sage.project_in(metadata) ORDER BY created_at DESC)
            FILTER (WHERE sage.project_in(metadata) IS NOT NULL))[1],
        (array_agg(source ORDER BY created_at DESC) FILTER (WHERE source IS NOT NULL))[1],
        (array_agg(author ORDER BY created_at DESC) FILTER (WHERE author IS NOT NULL))[1]
    FROM kept JOIN classed USING (space_id, memory_id)
    WHERE extent <= 2
    GROUP BY 1, 2, 3
    ORDER BY 1, 2, 3
    ON CONFLICT (space_id, session_id, day) DO UPDATE SET
        memories = day.memories + excluded.memories,
        first_at = least(day.first_at, excluded.first_at),
        last_at = greatest(day.last_at, excluded.last_at),
        project = CASE WHEN excluded.last_at < day.last_at THEN coalesce(day.project, excluded.project)
            ELSE coalesce(excluded.project, day.project) END,
        source = CASE WHEN excluded.last_at < day.last_at THEN coalesce(day.source, excluded.source)
            ELSE coalesce(excluded.source, day.source) END,
        author = CASE WHEN excluded.last_at < day.last_at THEN coalesce(day.author, excluded.author)
            ELSE coalesce(excluded.author, day.author) END
)
SELECT count(*) FROM kept;

-- distributed: keep_arrivals
-- Go by spaces: each has its node.
SELECT sage.keep_arrivals($1::uuid, $2::text);

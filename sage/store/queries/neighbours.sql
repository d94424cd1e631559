-- fragment: neighbours
-- Select up to $3 memories before `beside` in its session and as many after, with their distances. What tells nothing
-- (the classes $n, unless they were answered) is passed over, as if it was not said: up to 40, so that an agent that
-- works for hours without an answer is not read from beginning to end for each memory.
(
    SELECT row_number() OVER (ORDER BY created_at DESC, arrival DESC) AS distance, earlier.*
    FROM (
        SELECT * FROM sage.memories AS earlier
        WHERE earlier.space_id = $1
          AND earlier.session_id = beside.session_id
          AND (earlier.created_at, earlier.arrival) < (beside.created_at, beside.arrival)
          AND earlier.forgotten_at IS NULL
        ORDER BY created_at DESC, arrival DESC
        LIMIT 40
    ) AS earlier
    WHERE
    -- include: tells_something $n
    ORDER BY created_at DESC, arrival DESC
    LIMIT $3
)
UNION ALL
(
    SELECT row_number() OVER (ORDER BY created_at, arrival) AS distance, later.*
    FROM (
        SELECT * FROM sage.memories AS later
        WHERE later.space_id = $1
          AND later.session_id = beside.session_id
          AND (later.created_at, later.arrival) > (beside.created_at, beside.arrival)
          AND later.forgotten_at IS NULL
        ORDER BY created_at, arrival
        LIMIT 40
    ) AS later
    WHERE
    -- include: tells_something $n
    ORDER BY created_at, arrival
    LIMIT $3
);

-- name: read_neighbours
-- Read what stands around memories in their sessions: up to $3 turns before each and as many after,
-- with how many turns away, so far as they pass the filters and are no longer than $4 characters.
-- A memory with nothing around it has one row, without a neighbour.
SELECT
    beside.memory_id AS beside,
    beside.arrival AS beside_arrival,
    around.distance,
    around.arrival,
    around.memory_id,
    around.session_id,
    around.role,
    around.name,
    around.content,
    around.created_at,
    sage.with_current_project($1, around.metadata) AS metadata,
    around.author,
    around.confirmed_at,
    sage.source_of(around.source, around.import_id, around.metadata) AS source
FROM sage.memories AS beside
LEFT JOIN LATERAL (
    SELECT *
    FROM (
        -- include: neighbours $13
    ) AS near
    WHERE length(content) <= $4
      -- include: passes_filters
) AS around ON true
WHERE beside.space_id = $1 AND beside.memory_id = ANY ($2::uuid[]);

-- name: nearest_chunks
-- Tell, of each memory, where in it the chunk nearest to a vector stands.
SELECT DISTINCT ON (memory_id) memory_id, starts_at, ends_at
FROM sage.embeddings
WHERE space_id = $1 AND model_id = $2 AND memory_id = ANY ($3::uuid[])
ORDER BY memory_id, sage.vector_distance(embedding, $4);

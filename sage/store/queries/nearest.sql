-- fragment: scans_on
-- Have the walk of an index go on until enough rows were found. The setting is given before the scan
-- begins, since it hangs on nothing in it, and ends with the statement or the transaction around it.
AND (
    SELECT CASE WHEN current_setting('hnsw.iterative_scan', true) IS NULL THEN true -- too old
        ELSE set_config('hnsw.iterative_scan', 'relaxed_order', true) IS NOT NULL END
);

-- fragment: tells_something
-- Leave out the classes $n unless they were answered. The planner expects nothing to be left out, as is nearly always
-- so, unlike for EXISTS of a join or for IS NULL. Other names of columns let `memory_id` be that of the query around.
-- All classes that tell nothing are named, by which an index holds these alone (migration 31).
nullif(coalesce((
    SELECT true FROM sage.memory_classes AS classed (in_space, of_memory)
    WHERE in_space = $1 AND of_memory = memory_id AND reply_id IS NULL
        AND class IN (1, 2, 4, 5, 6, 8) AND class = ANY ($n::smallint[])
), false), true) IS NOT NULL

-- fragment: remembered
-- Leave out what is forgotten of `nearest`, what is superseded unless $5 says otherwise, and the classes $6 unless
-- they were answered. The planner is told as for these that nothing will be left out.
WHERE (
    SELECT true FROM sage.memories
    WHERE memories.space_id = $1 AND memories.memory_id = nearest.memory_id
      AND forgotten_at IS NULL
      AND ($5 OR superseded_at IS NULL)
) IS NOT NULL AND
-- include: tells_something $6
ORDER BY distance, memory_id
LIMIT $4;

-- name: search_nearest
-- Find the memories of a space nearest to each of some points, by the best chunk of each. The nearest $7
-- chunks are looked at, so that few need be put in order and asked whether they are forgotten; without
-- $7 all are. Unless `is_all`, there are more chunks.
SELECT found.memory_ids, found.is_all
FROM unnest($3::sage.half_vector[]) WITH ORDINALITY AS given (point, number)
CROSS JOIN LATERAL (
    WITH chunks AS MATERIALIZED (
        SELECT memory_id, sage.vector_distance(embedding, point) AS distance
        FROM sage.embeddings
        WHERE space_id = $1 AND model_id = $2
        ORDER BY distance, memory_id
        LIMIT $7
    )
    SELECT
        ARRAY(
            SELECT memory_id
            FROM (
                SELECT memory_id, min(distance) AS distance
                FROM chunks
                GROUP BY memory_id
                ORDER BY distance, memory_id
            ) AS nearest
            -- include: remembered
        ) AS memory_ids,
        $7::integer IS NULL OR (SELECT count(*) FROM chunks) < $7 AS is_all
) AS found
ORDER BY number;

-- name: search_nearest_indexed
-- Find the memories of a space nearest to each of some points by the space's own index, over vectors of
-- length $8. Once it is dropped the answer is slow, not wrong.
-- The nearest $7 chunks are looked at, and those that the index does not lead to; fewer than $4
-- memories come where those are chunks of a few long ones, or too many are nearest that are left out. That is done
-- in the end, so that few need be looked up; if $9 says so classes are looked up on the way, however many there are.
SELECT ARRAY(
    SELECT memory_id
    FROM (
        SELECT memory_id, min(distance) AS distance
        FROM (
            (
                SELECT
                    memory_id,
                    sage.vector_distance(sage.vector_of_length(embedding, $8), point) AS distance
                FROM sage.embeddings
                WHERE space_id = $1 AND model_id = $2
                  AND (
                      NOT $9 OR
                      -- include: tells_something $6
                  )
                  AND (SELECT set_config('hnsw.ef_search', least($7, 1000)::text, true) IS NOT NULL)
                  -- include: scans_on
                ORDER BY distance
                LIMIT $7
            )
            UNION ALL
            (
                SELECT memory_id, sage.vector_distance(embedding, point) AS distance
                FROM sage.unlinked_embeddings
                JOIN sage.embeddings USING (space_id, memory_id, model_id, chunk)
                WHERE space_id = $1 AND model_id = $2
            )
        ) AS chunks
        GROUP BY memory_id
        ORDER BY distance, memory_id
    ) AS nearest
    -- include: remembered
) AS memory_ids
FROM unnest($3::sage.half_vector[]) WITH ORDINALITY AS given (point, number)
ORDER BY number;

-- name: search_nearest_filtered
-- Find the memories nearest to a vector among those that pass the filters. Up to $13 are looked up by
-- their keys. More are found by the space's own index over vectors of length $14, walked outwards until
-- enough pass. Too few may be found then, where what passes is far away: then they are not complete.
-- Without an index, where $14 is null, the whole space is read. The classes $15 are left out unless they were answered.
WITH passing AS MATERIALIZED (
    SELECT memory_id
    FROM sage.visible_memories
    WHERE space_id = $1 AND forgotten_at IS NULL
      -- include: passes_filters
    LIMIT CASE WHEN $14::integer IS NOT NULL THEN $13::integer + 1 END
), by_key AS (
    SELECT memory_id, sage.vector_distance(embedding, $3) AS distance
    FROM passing
    CROSS JOIN LATERAL (
        SELECT embedding
        FROM sage.embeddings
        WHERE space_id = $1 AND embeddings.memory_id = passing.memory_id AND model_id = $2
        OFFSET 0 -- one by one, though the planner takes them for more
    ) AS own
    WHERE (SELECT count(*) FROM passing) <= $13
), by_index AS (
    SELECT
        memory_id,
        sage.vector_distance(sage.vector_of_length(embedding, $14), $3) AS distance
    FROM sage.embeddings
    WHERE $14 IS NOT NULL AND space_id = $1 AND model_id = $2
      AND (SELECT count(*) FROM passing) > $13
      AND (
          SELECT true FROM sage.memories
          WHERE memories.space_id = $1 AND memories.memory_id = embeddings.memory_id
            AND forgotten_at IS NULL
            -- include: passes_filters
      ) IS NOT NULL
      AND
      -- include: tells_something $15
      AND (SELECT set_config('hnsw.ef_search', '400', true) IS NOT NULL)
      -- include: scans_on
    ORDER BY distance
    LIMIT 400
), by_itself AS (
    SELECT memory_id, sage.vector_distance(embedding, $3) AS distance
    FROM sage.unlinked_embeddings
    JOIN sage.embeddings USING (space_id, memory_id, model_id, chunk)
    JOIN sage.memories USING (space_id, memory_id)
    WHERE space_id = $1 AND model_id = $2 AND forgotten_at IS NULL
      -- include: passes_filters
      AND $14 IS NOT NULL AND (SELECT count(*) FROM passing) > $13
), by_scan AS (
    SELECT memory_id, sage.vector_distance(embedding, $3) AS distance
    FROM sage.embeddings
    WHERE $14 IS NULL AND space_id = $1 AND model_id = $2
      AND (SELECT count(*) FROM passing) > $13
      AND (memory_id IN (SELECT memory_id FROM passing)) IS TRUE -- hashed, never a nested loop
), found AS (
    SELECT memory_id, distance
    FROM (
        SELECT memory_id, min(distance) AS distance
        FROM (
            SELECT * FROM by_key
            UNION ALL SELECT * FROM by_index
            UNION ALL SELECT * FROM by_itself
            UNION ALL SELECT * FROM by_scan
        ) AS chunks
        GROUP BY memory_id
        ORDER BY min(distance), memory_id
        OFFSET 0 -- in this order, until there are enough
    ) AS nearest
    WHERE
        -- include: tells_something $15
    LIMIT $4
)
SELECT
    ARRAY(SELECT memory_id FROM found ORDER BY distance, memory_id) AS memory_ids,
    $14 IS NULL OR (SELECT count(*) FROM passing) <= $13 OR (SELECT count(*) FROM found) = $4
        AS is_complete;

-- fragment: classed_memory
-- Read of a memory what classing it takes; only hooks and imports have what an agent's turn is known by.
SELECT memory_id, role, content, created_at, arrival,
    CASE WHEN import_id IS NOT NULL OR source LIKE 'hook:%' THEN metadata::text END AS metadata,
    forgotten_at IS NULL AND superseded_at IS NULL AS is_current, class, rules_version, reply_id
FROM sage.memories LEFT JOIN sage.memory_classes USING (space_id, memory_id)
WHERE session_id = part.session_id AND space_id = part.space_id;

-- name: read_session_parts
-- Read parts of sessions, each from one place on up to another, with up to $7 current messages before and after,
-- remarks not counted. They come part by part, each in its order.
SELECT part.number, message.*
FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::bigint[], $5::timestamptz[], $6::bigint[])
    WITH ORDINALITY AS part (space_id, session_id, after_at, after_arrival, until_at, until_arrival, number)
CROSS JOIN LATERAL (
    (
        SELECT -1 AS side, before.*
        FROM (
            -- include: classed_memory
        ) AS before
        WHERE (created_at, arrival) <= (part.after_at, part.after_arrival)
            AND is_current AND class IS DISTINCT FROM 6
        ORDER BY created_at DESC, arrival DESC
        LIMIT $7
    )
    UNION ALL
    SELECT 0, within.*
    FROM (
        -- include: classed_memory
    ) AS within
    WHERE (created_at, arrival) > (part.after_at, part.after_arrival)
        AND (created_at, arrival) <= (part.until_at, part.until_arrival)
    UNION ALL
    (
        SELECT 1, after.*
        FROM (
            -- include: classed_memory
        ) AS after
        WHERE (created_at, arrival) > (part.until_at, part.until_arrival)
            AND is_current AND class IS DISTINCT FROM 6
        ORDER BY created_at, arrival
        LIMIT $7
    )
) AS message
ORDER BY part.number, message.created_at, message.arrival;

-- distributed: read_session_parts
-- Go from part to part.
SELECT * FROM sage.read_session_parts(
    $1::text[], $2::text[], $3::timestamptz[], $4::bigint[], $5::timestamptz[], $6::bigint[], $7
)
ORDER BY number, created_at, arrival;

-- name: lock_replies
-- Find which memories are neither forgotten nor superseded, and keep them so until the end of the transaction. They are
-- locked in the order in which they are locked to be forgotten.
SELECT space_id, memory_id
FROM sage.memories
WHERE (space_id, memory_id) IN (SELECT * FROM unnest($1::text[], $2::uuid[]))
    AND forgotten_at IS NULL AND superseded_at IS NULL
ORDER BY memory_id
FOR SHARE;

-- distributed: lock_replies
-- Go by spaces: each has its node.
SELECT space_id, memory_id FROM sage.lock_replies($1::text[], $2::uuid[]);

-- name: store_classes
-- Store the classes of memories ($1 to $6) that are as they were read ($7 and $8; null where they had none): others
-- were classed meanwhile, by somebody who knew more. What is not ranked any more leaves the embedding queue, what is
-- ranked again is queued where it lacks vectors of the active model, which cannot change meanwhile.
WITH given AS (
    SELECT * FROM unnest(
        $1::text[], $2::uuid[], $3::smallint[], $4::smallint[], $5::uuid[], $6::smallint[], $7::smallint[], $8::uuid[]
    ) AS given (space_id, memory_id, class, rules_version, reply_id, old_class, old_version, old_reply_id)
), changed AS (
    UPDATE sage.memory_classes AS kept
    SET class = given.class, rules_version = given.rules_version, reply_id = given.reply_id
    FROM given
    WHERE kept.space_id = given.space_id AND kept.memory_id = given.memory_id
        AND kept.rules_version = given.old_version
        AND kept.reply_id IS NOT DISTINCT FROM given.old_reply_id
    RETURNING kept.space_id, kept.memory_id, kept.class, kept.extent, given.old_class
), added AS (
    INSERT INTO sage.memory_classes (space_id, memory_id, class, rules_version, reply_id)
    SELECT given.space_id, given.memory_id, given.class, given.rules_version, given.reply_id
    FROM given JOIN sage.memories USING (space_id, memory_id)
    WHERE old_version IS NULL
    ON CONFLICT DO NOTHING
    RETURNING space_id, memory_id, class
), dequeued AS (
    DELETE FROM sage.embedding_queue AS waiting
    USING (SELECT space_id, memory_id, class FROM changed UNION ALL SELECT * FROM added) AS stored
    WHERE waiting.space_id = stored.space_id AND waiting.memory_id = stored.memory_id
        AND NOT sage.is_ranked(stored.class)
), active AS (
    SELECT model_id FROM sage.active_model FOR SHARE
)
INSERT INTO sage.embedding_queue (space_id, memory_id)
SELECT space_id, memory_id
FROM changed
JOIN sage.memories USING (space_id, memory_id)
WHERE sage.is_embedded(class, extent) AND NOT sage.is_embedded(old_class, extent) AND forgotten_at IS NULL AND NOT EXISTS (
    SELECT FROM sage.embeddings
    JOIN active ON active.model_id = embeddings.model_id
    WHERE embeddings.space_id = changed.space_id AND embeddings.memory_id = changed.memory_id
    OFFSET 0
)
ON CONFLICT (space_id, memory_id) DO NOTHING;

-- distributed: store_classes
-- Go by spaces: each has its node.
SELECT sage.store_classes(
    $1::text[], $2::uuid[], $3::smallint[], $4::smallint[], $5::uuid[], $6::smallint[], $7::smallint[], $8::uuid[]
);

-- name: try_lock_classing
-- Take the lock for classing what is stored until the end of the transaction; no row while another has it. Any
-- number will do, if every Sage takes the same one.
SELECT WHERE pg_try_advisory_xact_lock(7308604898146217);

-- name: count_unclassed
-- Count the memories that no rules from a version on have classed, in one space or in all. Nothing of others is read.
SELECT count(*) FROM sage.memory_classes WHERE rules_version < $1 AND ($2::text IS NULL OR space_id = $2);

-- name: list_unclassed_spaces
-- List the spaces with memories that no rules from a version on have classed, those used last first.
SELECT space_id
FROM (SELECT DISTINCT space_id FROM sage.memory_classes WHERE rules_version < $1) AS outdated
ORDER BY (
    SELECT max(created_at) FROM sage.memories
    WHERE memories.space_id = outdated.space_id AND forgotten_at IS NULL
) DESC NULLS LAST;

-- distributed: list_unclassed_spaces
-- Of a server that is away, none.
SELECT space_id FROM sage.list_unclassed_spaces($1::smallint) AS space_id;

-- name: page_of_unclassed
-- Walk over the memories of a space before a place that are not forgotten, the newest first, at most $5; tell of
-- each whether rules from a version on have classed it.
SELECT page.memory_id, session_id, created_at, arrival, rules_version IS NOT NULL AS is_classed
FROM (
    SELECT memory_id, session_id, created_at, arrival
    FROM sage.memories
    WHERE space_id = $1 AND created_at <= $2 AND (created_at, arrival) < ($2, $3) AND forgotten_at IS NULL
    ORDER BY created_at DESC, arrival DESC
    LIMIT $5
) AS page
LEFT JOIN sage.memory_classes
    ON memory_classes.space_id = $1 AND memory_classes.memory_id = page.memory_id AND rules_version >= $4
ORDER BY created_at DESC, arrival DESC;

-- name: find_due_classes
-- Find at most so many memories, of a space or of all, to which the rules are to be applied again.
SELECT space_id, memory_id, session_id, created_at, arrival
FROM sage.memory_classes JOIN sage.memories USING (space_id, memory_id)
WHERE rules_version = 0 AND ($2::text IS NULL OR space_id = $2)
LIMIT $1;

-- distributed: find_due_classes
-- Of a server that is away, none.
SELECT space_id, memory_id, session_id, created_at, arrival FROM sage.find_due_classes($1, $2::text);

-- name: pass_over_forgotten
-- Count the forgotten memories of a space as classed: those that are brought back are classed then.
INSERT INTO sage.memory_classes AS kept (space_id, memory_id, class, rules_version)
SELECT space_id, memory_id, 0, $2 FROM sage.memories WHERE space_id = $1 AND forgotten_at IS NOT NULL
ON CONFLICT (space_id, memory_id) DO UPDATE SET rules_version = excluded.rules_version
WHERE kept.rules_version < excluded.rules_version;

-- name: withdraw_replies
-- Withdraw memories from what they answer, to which the rules are to be applied again.
UPDATE sage.memory_classes SET reply_id = NULL, rules_version = 0
WHERE space_id = $1 AND reply_id = ANY ($2::uuid[]);

-- name: class_again
-- Have the rules applied again to what memories are and answer, which were forgotten, brought back, superseded or
-- changed, or are current again. What is not current answers nothing.
WITH current AS (
    SELECT memory_id FROM sage.memories
    WHERE space_id = $1 AND memory_id = ANY ($2::uuid[]) AND forgotten_at IS NULL AND superseded_at IS NULL
), withdrawn AS (
    UPDATE sage.memory_classes SET reply_id = NULL, rules_version = 0
    WHERE space_id = $1 AND reply_id = ANY ($2::uuid[])
        AND reply_id <> ALL (ARRAY(SELECT memory_id FROM current))
)
INSERT INTO sage.memory_classes (space_id, memory_id, class, rules_version)
SELECT $1, memory_id, 0, 0 FROM current ORDER BY memory_id
ON CONFLICT (space_id, memory_id) DO UPDATE SET rules_version = 0;

-- distributed: class_again
-- Do so on the node of the space.
SELECT FROM sage.class_again($1, $2::uuid[]);

-- name: read_said
-- Read what was said in memories of a space, in at most $3 characters.
SELECT memory_id, role, content FROM sage.memories
WHERE space_id = $1 AND memory_id = ANY ($2::uuid[]) AND length(content) <= $3;

-- name: add_stated
-- Add keys ($3) to the words of memories that do not have all of them ($4 looks for them).
UPDATE sage.memories SET lexemes = lexemes || given.keys::tsvector
FROM unnest($2::uuid[], $3::text[], $4::text[]) AS given (memory_id, keys, all_of_them)
WHERE space_id = $1 AND memories.memory_id = given.memory_id AND NOT lexemes @@ all_of_them::tsquery;

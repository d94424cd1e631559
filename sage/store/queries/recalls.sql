-- name: record_recalls
-- Record occasions in spaces that are there still, given as a JSON array, with the memories of each that are: one
-- that is being deleted is waited for.
WITH given AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset($1::text::jsonb) AS recall (
        space_id text, recall_id uuid, at timestamptz, occasion text, session_id text, project text,
        client text, author text, relevance text, words smallint[], memories jsonb
    )
), recorded AS (
    INSERT INTO sage.recalls
        (space_id, recall_id, at, occasion, session_id, project, client, author, relevance, words)
    SELECT space_id, recall_id, at, occasion, session_id, project, client, author, relevance, words
    FROM given
    WHERE EXISTS (SELECT FROM sage.spaces WHERE spaces.id = given.space_id)
    ON CONFLICT DO NOTHING
)
INSERT INTO sage.recalled_memories (space_id, recall_id, memory_id, place, probability)
SELECT told.space_id, told.recall_id, told.memory_id, told.place, told.probability
FROM (
    SELECT given.space_id, given.recall_id, one.memory_id, one.place, one.probability
    FROM given
    CROSS JOIN LATERAL jsonb_to_recordset(given.memories) AS one (
        memory_id uuid, place smallint, probability real
    )
    ORDER BY one.memory_id
) AS told
CROSS JOIN LATERAL (
    SELECT FROM sage.memories
    WHERE memories.space_id = told.space_id AND memories.memory_id = told.memory_id
    FOR KEY SHARE
) AS there
ON CONFLICT DO NOTHING;

-- distributed: record_recalls
-- Go from occasion to occasion, each on the node of its space.
SELECT sage.record_recalls($1::text::jsonb);

-- name: read_word_keys
-- Read by what the words of spaces are hashed.
SELECT id AS space_id, word_key FROM sage.spaces WHERE id = ANY ($1::text[]);

-- name: purge_recalls
-- Delete, at most so many, the occasions that are older than so many days.
DELETE FROM sage.recalls
WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM sage.recalls
    WHERE at < now() - make_interval(days => $1)
    ORDER BY at
    LIMIT $2
    FOR UPDATE SKIP LOCKED
))
RETURNING 1;

-- distributed: purge_recalls
-- Go by spaces: each has its node.
SELECT * FROM sage.purge_recalls($1, $2);

-- name: erase_recalls_of_author
-- Delete what was given to an author in a space, and what they marked; count it by table.
WITH gone AS (
    DELETE FROM sage.recalls WHERE space_id = $1 AND author = $2 RETURNING 1
), unmarked AS (
    DELETE FROM sage.not_useful WHERE space_id = $1 AND marked_by = $2 RETURNING 1
)
SELECT (SELECT count(*) FROM gone) AS recalls, (SELECT count(*) FROM unmarked) AS not_useful;

-- name: spaces_with_marks
-- List the spaces in which memories were marked as not useful.
SELECT DISTINCT space_id FROM sage.not_useful;

-- name: marks_on
-- Find which of the given memories, or what is told with them as their reply, were marked as not useful, for
-- which words each time, with the key of the hashes of words.
SELECT found.memory_id, marked_at, words, (SELECT word_key FROM sage.spaces WHERE id = $1) AS word_key
FROM unnest($2::uuid[]) AS found (memory_id)
CROSS JOIN LATERAL (
    SELECT marked_at, words FROM sage.not_useful
    WHERE space_id = $1 AND not_useful.memory_id = found.memory_id
    UNION ALL
    SELECT marked_at, words FROM sage.memory_classes
    JOIN sage.not_useful USING (space_id)
    WHERE space_id = $1 AND memory_classes.memory_id = found.memory_id
        AND not_useful.memory_id = memory_classes.reply_id
    OFFSET 0
) AS marks
WHERE words <> '{}';

-- name: marks_at_start
-- List the memories that were marked as not useful at the start of a session of a project, by any of its names.
SELECT DISTINCT memory_id FROM sage.not_useful
WHERE space_id = $1 AND occasion = 'start'
    AND sage.project_of($1, project) = sage.project_of($1, $2);

-- name: mark_not_useful
-- Mark a memory as not useful on an occasion on which it was handed out, unless it is; return who did so and
-- when, and whether that is new. Nothing where it was not handed out then.
WITH given AS MATERIALIZED (
    SELECT recalls.* FROM sage.recalls
    JOIN sage.recalled_memories USING (space_id, recall_id)
    WHERE space_id = $1 AND recall_id = $2 AND memory_id = $3
), marked AS (
    INSERT INTO sage.not_useful (space_id, memory_id, recall_id, occasion, project, words, marked_by)
    SELECT $1, $3, $2, occasion, project, words, $4 FROM given
    ON CONFLICT DO NOTHING
    RETURNING marked_at, marked_by
)
SELECT marked_at, marked_by, true AS changed FROM marked
UNION ALL
SELECT marked_at, marked_by, false FROM sage.not_useful
WHERE space_id = $1 AND memory_id = $3 AND recall_id = $2;

-- name: take_mark_back
-- Take back that a memory was not useful on an occasion; return whether it was marked.
DELETE FROM sage.not_useful WHERE space_id = $1 AND recall_id = $2 AND memory_id = $3
RETURNING true;

-- name: latest_recall
-- Find the occasion on which a memory was handed out last.
SELECT recall_id FROM sage.recalled_memories
WHERE space_id = $1 AND memory_id = $2
ORDER BY recall_id DESC
LIMIT 1;

-- name: latest_mark
-- Find the occasion for which a memory was marked last.
SELECT recall_id FROM sage.not_useful
WHERE space_id = $1 AND memory_id = $2
ORDER BY marked_at DESC
LIMIT 1;

-- name: list_recalls
-- List what was handed out in a space, the latest first: before an occasion, since and before a time (as the
-- least id of that moment), on an occasion of a kind, to a client, in a project by any of its names; null where any will do.
SELECT recall_id, at, occasion, session_id, project, client, author, relevance
FROM sage.recalls
WHERE space_id = $1
    AND recall_id < coalesce($2::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
    AND recall_id >= coalesce($3::uuid, '00000000-0000-0000-0000-000000000000')
    AND recall_id < coalesce($4::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
    AND ($5::text IS NULL OR occasion = $5)
    AND ($6::text IS NULL OR client = $6)
    AND ($7::text IS NULL OR project = ANY (sage.names_of_project($1, $7)))
ORDER BY recall_id DESC
LIMIT $8;

-- name: list_recalls_of_session
-- List what was handed to a session, the latest first, before an occasion.
SELECT recall_id, at, occasion, session_id, project, client, author, relevance
FROM sage.recalls
WHERE space_id = $1 AND session_id = $2
    AND recall_id < coalesce($3::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
ORDER BY recall_id DESC
LIMIT $4;

-- name: memories_of_recalls
-- Read the memories that were handed out on some occasions, of long ones the beginning, and whether they
-- were marked as not useful then. Of what is forgotten there is no content.
SELECT told.recall_id, told.memory_id, told.probability, memories.session_id, memories.role, memories.name,
    CASE WHEN memories.forgotten_at IS NULL THEN left(memories.content, $3 + 1) END AS content,
    memories.created_at, memories.author, memories.source, memories.forgotten_at, memories.superseded_at,
    marks.marked_at
FROM unnest($2::uuid[]) AS wanted (recall_id)
CROSS JOIN LATERAL (
    SELECT recall_id, memory_id, place, probability FROM sage.recalled_memories
    WHERE space_id = $1 AND recalled_memories.recall_id = wanted.recall_id
    OFFSET 0
) AS told
CROSS JOIN LATERAL (
    SELECT * FROM sage.memories WHERE space_id = $1 AND memories.memory_id = told.memory_id OFFSET 0
) AS memories
LEFT JOIN LATERAL (
    SELECT marked_at FROM sage.not_useful
    WHERE space_id = $1 AND not_useful.memory_id = told.memory_id AND not_useful.recall_id = told.recall_id
    OFFSET 0
) AS marks ON true
ORDER BY told.recall_id DESC, told.place;

-- name: list_marks
-- List the memories of a space that were marked as not useful, the latest mark first, before one, of long
-- ones the beginning. Of what is forgotten there is no content.
SELECT marks.recall_id, marks.memory_id, marks.occasion, marks.project, marks.marked_at, marks.marked_by,
    memories.session_id, memories.role, memories.name,
    CASE WHEN memories.forgotten_at IS NULL THEN left(memories.content, $5 + 1) END AS content,
    memories.created_at, memories.author, memories.source, memories.forgotten_at, memories.superseded_at
FROM sage.not_useful AS marks
JOIN sage.memories USING (space_id, memory_id)
WHERE marks.space_id = $1
    AND ($2::timestamptz IS NULL OR (marks.marked_at, marks.recall_id) < ($2, $3::uuid))
ORDER BY marks.marked_at DESC, marks.recall_id DESC
LIMIT $4;

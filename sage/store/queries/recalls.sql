-- name: record_recalls
-- Record occasions, given as a JSON array, with the memories of each that are there still: one that is
-- being deleted is waited for.
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

-- name: erase_recalls_of_author
-- Delete what was given to an author in a space, and what they marked; count it by table.
WITH gone AS (
    DELETE FROM sage.recalls WHERE space_id = $1 AND author = $2 RETURNING 1
), unmarked AS (
    DELETE FROM sage.not_useful WHERE space_id = $1 AND marked_by = $2 RETURNING 1
)
SELECT (SELECT count(*) FROM gone) AS recalls, (SELECT count(*) FROM unmarked) AS not_useful;

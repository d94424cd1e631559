-- name: outdated_analyses
-- Write the statements that analyze the tables of a search, where one is a quarter larger than when it last was, or
-- had no rows then beside those of transactions that had not ended: any index is thought to do while there are none.
-- One whose index is being built is left out: that has the same lock, for minutes.
SELECT format('ANALYZE (SKIP_LOCKED) sage.%I', relname) AS statement
FROM pg_class
WHERE relnamespace = 'sage'::regnamespace AND relname IN ('memories', 'embeddings', 'memory_classes')
    AND (
        pg_relation_size(oid) > 1.25 * relpages * current_setting('block_size')::integer
        OR (reltuples = 0 AND pg_relation_size(oid) > 0)
    );

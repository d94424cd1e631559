CREATE EXTENSION IF NOT EXISTS citus;
CREATE EXTENSION IF NOT EXISTS vector;
ALTER FUNCTION ts_match_vq(tsvector, tsquery) LEAKPROOF;
ALTER FUNCTION jsonb_contains(jsonb, jsonb) LEAKPROOF;
-- To split shards while they are written, where PostgreSQL lists the libraries that may decode the log.
SELECT 'ALTER SYSTEM SET output_plugin_libraries = pgoutput, citus'
WHERE EXISTS (SELECT FROM pg_settings WHERE name = 'output_plugin_libraries')
\gexec

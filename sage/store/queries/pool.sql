-- name: bound_transaction
-- Set the given settings until the end of the transaction.
SELECT set_config(setting.name, setting.value, true)
FROM unnest($1::text[], $2::text[]) AS setting (name, value);

-- name: vector_schema
-- Name the schema that pgvector is installed in; no row before it is.
SELECT pg_namespace.nspname
FROM pg_extension
JOIN pg_namespace ON pg_namespace.oid = pg_extension.extnamespace
WHERE pg_extension.extname = 'vector';

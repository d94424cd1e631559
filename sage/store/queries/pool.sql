-- name: bound_transaction
-- Set the given settings until the end of the transaction.
SELECT set_config(setting.name, setting.value, true)
FROM unnest($1::text[], $2::text[]) AS setting (name, value);

-- name: vector_schema
-- Name the schema the extension's types live in; no row before it is created.
SELECT namespace.nspname
FROM pg_type AS type
JOIN pg_namespace AS namespace ON namespace.oid = type.typnamespace
WHERE type.typname = 'halfvec';

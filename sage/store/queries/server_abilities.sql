-- name: server_abilities
-- Describe what a server and the user who is logged in can do, before Sage has anything in the database.
SELECT current_setting('server_version') AS postgres,
    current_setting('server_version_num')::int AS version_number,
    current_setting('server_encoding') AS encoding,
    pg_is_in_recovery() AS is_standby,
    current_setting('default_transaction_read_only') = 'on' AS is_read_only,
    quote_ident(current_user) AS user_name,
    quote_ident(current_database()) AS database_name,
    extract(epoch FROM clock_timestamp())::float8 AS now_s,
    own.rolsuper AS is_superuser,
    own.rolcreaterole AS may_create_roles,
    has_database_privilege(current_database(), 'CREATE') AS may_create_schemas,
    schema_of_sage.oid IS NOT NULL AS has_schema,
    schema_of_sage.oid IS NOT NULL AND has_schema_privilege(schema_of_sage.oid, 'CREATE, USAGE') AS may_use_schema,
    installed.extversion AS pgvector,
    quote_ident(schema_of_vector.nspname) AS vector_schema,
    schema_of_vector.oid IS NULL OR has_schema_privilege(schema_of_vector.oid, 'USAGE') AS may_use_vectors,
    offered.default_version AS offered_pgvector,
    own.rolsuper OR coalesce(offered.trusted, false) AND has_database_privilege(current_database(), 'CREATE')
        AS may_create_extension
FROM pg_roles AS own
LEFT JOIN pg_namespace AS schema_of_sage ON schema_of_sage.nspname = 'sage'
LEFT JOIN pg_extension AS installed ON installed.extname = 'vector'
LEFT JOIN pg_namespace AS schema_of_vector ON schema_of_vector.oid = installed.extnamespace
LEFT JOIN (
    SELECT default_version, trusted
    FROM pg_available_extensions
    JOIN pg_available_extension_versions AS versions USING (name)
    WHERE name = 'vector' AND versions.version = default_version
) AS offered ON true
WHERE own.rolname = current_user;

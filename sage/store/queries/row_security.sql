-- fragment: application_role
-- Name the role that works for the spaces of this user's databases.
'sage_app_of_' || CASE
    WHEN octet_length(current_user) <= 50 THEN current_user ELSE md5(current_user)
END;

-- name: admit_application
-- Let the role that works for spaces do so in this database.
SELECT sage.admit_application(
    -- include: application_role
);

-- name: name_application_role
-- Name that role, whether there is one or not, and the user, as they are written in a statement.
SELECT quote_ident(
    -- include: application_role
) AS role, quote_ident(current_user) AS user_name;

-- name: table_releases
-- Write the statements that exempt the owner of the tables from their policies, whoever that is now.
SELECT format('ALTER TABLE sage.%I NO FORCE ROW LEVEL SECURITY', relname)
FROM pg_class
WHERE relnamespace = 'sage'::regnamespace AND relkind = 'r' AND relforcerowsecurity;

-- name: session_facts
-- Name the schema that pgvector is installed in, and the role that works for spaces; each null before
-- there is one. No other role is taken than one that is bound by the policies.
SELECT (
    SELECT pg_namespace.nspname
    FROM pg_extension
    JOIN pg_namespace ON pg_namespace.oid = pg_extension.extnamespace
    WHERE pg_extension.extname = 'vector'
) AS vector_schema, (
    SELECT rolname
    FROM pg_roles
    WHERE rolname = (
        -- include: application_role
        )
        AND NOT rolsuper AND NOT rolbypassrls
        AND has_schema_privilege(pg_roles.oid, to_regnamespace('sage'), 'USAGE')
        AND pg_has_role(
            pg_roles.oid,
            CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END
        )
) AS application_role;

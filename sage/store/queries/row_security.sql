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

-- name: session_facts
-- Name the schema that pgvector is installed in, and the role that works for spaces, and whether it may
-- log in; each null before there is one. No other role is taken than one that is bound by the policies. And tell
-- whether the tables of spaces are distributed: then there are functions that only such a database has.
SELECT (
    SELECT pg_namespace.nspname
    FROM pg_extension
    JOIN pg_namespace ON pg_namespace.oid = pg_extension.extnamespace
    WHERE pg_extension.extname = 'vector'
) AS vector_schema, application.rolname AS application_role, application.rolcanlogin AS role_may_log_in,
    to_regproc('sage.is_distributed') IS NOT NULL AS is_distributed
FROM (VALUES (1)) AS session
LEFT JOIN pg_roles AS application ON application.rolname = (
    -- include: application_role
    )
    AND NOT rolsuper AND NOT rolbypassrls
    AND has_schema_privilege(application.oid, to_regnamespace('sage'), 'USAGE')
    AND pg_has_role(
        application.oid,
        CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END
    );

-- name: login_of_role
-- Write the statements that let a role log in, by a password where there is one, with settings of no more
-- than the server's: a role may change its own.
SELECT format('ALTER ROLE %I LOGIN', $1::text) || coalesce(format(' PASSWORD %L', $2::text), '')
UNION ALL
SELECT format('ALTER ROLE %I RESET ALL', $1)
UNION ALL
SELECT format('ALTER ROLE %I IN DATABASE %I RESET ALL', $1, current_database())
UNION ALL
SELECT format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), $1)
WHERE NOT has_database_privilege($1, current_database(), 'CONNECT');

-- name: is_bound_session
-- Tell whether the session is a role's by its login, and the role can become no other and has no rights
-- that the policies do not bind. Behind a pooler the login may be another.
SELECT EXISTS (
    SELECT FROM pg_roles
    WHERE rolname = $1 AND session_user = $1 AND current_user = $1
        AND NOT (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication)
        AND NOT EXISTS (SELECT FROM pg_auth_members WHERE member = pg_roles.oid)
);

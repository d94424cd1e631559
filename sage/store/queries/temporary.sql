-- name: temporary_database_name
-- Make a name for a database that is dropped again; it tells whose session makes it.
SELECT 'sage_bench_' || pg_backend_pid() || '_' || replace(gen_random_uuid()::text, '-', '');

-- name: abandoned_databases
-- List the temporary databases of this role that nobody is connected to: their makers were killed.
SELECT datname::text FROM pg_database
WHERE starts_with(datname, 'sage_bench_') AND pg_has_role(datdba, 'USAGE')
    AND NOT EXISTS (
        SELECT FROM pg_stat_activity AS session
        WHERE session.datname = pg_database.datname
            OR session.pid::text = split_part(pg_database.datname, '_', 3)
    );

-- name: temporary_database_creation
-- Write the statement that creates a database; a name cannot be a parameter of it.
SELECT format('CREATE DATABASE %I', $1::text);

-- name: abandoned_database_removal
-- Write the statement that drops a database unless somebody is connected to it.
SELECT format('DROP DATABASE IF EXISTS %I', $1::text);

-- name: temporary_database_removal
-- Write the statement that drops a database and ends the connections to it.
SELECT format('DROP DATABASE IF EXISTS %I WITH (FORCE)', $1::text);

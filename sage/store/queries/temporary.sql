-- name: temporary_database_name
-- Make a name for a database that is dropped again.
SELECT 'sage_bench_' || replace(gen_random_uuid()::text, '-', '');

-- name: temporary_database_creation
-- Write the statement that creates a database; a name cannot be a parameter of it.
SELECT format('CREATE DATABASE %I', $1::text);

-- name: temporary_database_removal
-- Write the statement that drops a database and ends the connections to it.
SELECT format('DROP DATABASE IF EXISTS %I WITH (FORCE)', $1::text);

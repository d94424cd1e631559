-- name: citus_facts
-- Tell which version of the extension Citus is installed in the database and which could be; each null where none.
-- Whether Sage's tables are distributed, and whether this user is a superuser.
SELECT (SELECT extversion FROM pg_extension WHERE extname = 'citus') AS installed,
    (SELECT default_version FROM pg_available_extensions WHERE name = 'citus') AS available,
    to_regproc('sage.is_distributed') IS NOT NULL AS is_distributed,
    (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS is_superuser;

-- name: list_citus_nodes
-- List the nodes that Citus knows, with how many shards of the memories each has; the coordinator is of group 0.
SELECT nodename AS host, nodeport AS port, groupid = 0 AS is_coordinator, isactive AS is_active,
    shouldhaveshards AS has_shards, (
        SELECT count(*) FROM pg_dist_placement
        JOIN pg_dist_shard USING (shardid)
        WHERE pg_dist_placement.groupid = pg_dist_node.groupid
            AND logicalrelid = to_regclass('sage.memories')
    ) AS shards
FROM pg_dist_node
WHERE noderole = 'primary'
ORDER BY groupid;

-- name: list_distributable_tables
-- List the tables of Sage as they are in a distributed database: those of spaces are distributed, those that every space
-- needs are copied to every node, and the others stay on the coordinator; and as they are now.
SELECT name, wanted, found FROM (
    SELECT relname AS name, CASE
            WHEN relname IN ('spaces', 'embedding_models', 'active_model') THEN 'reference'
            WHEN relname NOT IN ('token_spaces', 'indexed_spaces') AND EXISTS (
                SELECT FROM pg_attribute WHERE attrelid = pg_class.oid AND attname = 'space_id' AND NOT attisdropped
            ) THEN 'distributed'
            ELSE 'local'
        END AS wanted, CASE
            WHEN partmethod = 'h' THEN 'distributed'
            WHEN partmethod = 'n' AND repmodel = 't' THEN 'reference'
            ELSE 'local'
        END AS found
    FROM pg_class
    LEFT JOIN pg_dist_partition ON logicalrelid = pg_class.oid
    WHERE relnamespace = 'sage'::regnamespace AND relkind = 'r' AND NOT EXISTS (
        SELECT FROM pg_dist_shard
        JOIN pg_class AS whole ON whole.oid = logicalrelid
        WHERE pg_class.relname = whole.relname || '_' || shardid
    )
) AS tables
ORDER BY wanted = 'distributed', name <> 'sessions', name;

-- name: list_foreign_keys
-- List the foreign keys of Sage's tables that lead from or to any of those named, with what makes them again.
SELECT referring.relname AS of_table, conname AS name, referred.relname AS refers_to,
    pg_get_constraintdef(pg_constraint.oid) AS definition
FROM pg_constraint
JOIN pg_class AS referring ON referring.oid = conrelid
JOIN pg_class AS referred ON referred.oid = confrelid
WHERE contype = 'f' AND connamespace = 'sage'::regnamespace
    AND (referring.relname = ANY ($1::text[]) OR referred.relname = ANY ($1))
ORDER BY conrelid, conname;

-- name: drop_foreign_key
-- Write the statement that drops a foreign key.
SELECT format('ALTER TABLE sage.%I DROP CONSTRAINT %I', $1::text, $2::text);

-- name: add_foreign_key
-- Write the statement that makes a foreign key again.
SELECT format('ALTER TABLE sage.%I ADD CONSTRAINT %I %s', $1::text, $2::text, $3::text);

-- name: drop_vector_indexes
-- Write the statements that drop the indexes over vectors: they would be on every shard, and are made anew where they
-- belong.
SELECT format('DROP INDEX sage.%I', relname) AS statement
FROM pg_class
WHERE relnamespace = 'sage'::regnamespace AND relkind = 'i' AND relname LIKE 'embeddings\_hnsw\_%';

-- name: create_reference_table
-- Copy a table to every node, and keep the copies alike.
SELECT create_reference_table(format('sage.%I', $1::text)::regclass);

-- name: create_distributed_table
-- Distribute a table by space, beside the sessions of the same spaces.
SELECT create_distributed_table(
    format('sage.%I', $1::text)::regclass, 'space_id',
    colocate_with => CASE WHEN $1 = 'sessions' THEN 'none' ELSE 'sage.sessions' END,
    shard_count => CASE WHEN $1 = 'sessions' THEN $2::integer END
);

-- name: set_citus_options
-- Write the statements by which every connection to the database, also those between nodes, names its space and role to
-- each node, and functions may read the rows of their space where they run. A node that does not answer is not waited for
-- as long as a request takes. Plans are run as they are, as Sage's own connections have it. Shards are not hidden in
-- pg_class: to tell them from tables takes a second of each connection that looks up a type.
SELECT format('ALTER DATABASE %I SET %s', current_database(), setting) AS statement
FROM unnest(ARRAY[
    'citus.propagate_set_commands = ''local''',
    'citus.allow_nested_distributed_execution = on',
    'citus.node_connection_timeout = ''3s''',
    'citus.show_shards_for_app_name_prefixes = ''*''',
    'jit = off'
]) AS setting;

-- name: list_generic_functions
-- Write the statements that let the functions which look at spaces be planned for the values that they are called with:
-- by these their statements find their node.
SELECT format('ALTER FUNCTION %s RESET plan_cache_mode', pg_proc.oid::regprocedure) AS statement
FROM pg_proc
WHERE pronamespace = 'sage'::regnamespace AND 'plan_cache_mode=force_generic_plan' = ANY (proconfig)
    AND proname NOT IN ('look_up_token', 'look_up_oauth_token', 'record_save');

-- name: list_undistributed_functions
-- Write the statements that make Sage's functions known on every node. What works in one space, which its argument
-- names, runs on the node of that space.
SELECT CASE
    WHEN to_regproc('sage.' || quote_ident(delegated.name)) = pg_proc.oid THEN format(
        'SELECT create_distributed_function(%L, %L, colocate_with => ''sage.sessions'', force_delegation => true)',
        pg_proc.oid::regprocedure, '$' || delegated.argument
    )
    ELSE format('SELECT create_distributed_function(%L)', pg_proc.oid::regprocedure)
END AS statement
FROM pg_proc
LEFT JOIN unnest($1::text[], $2::integer[]) AS delegated (name, argument) ON delegated.name = proname
LEFT JOIN pg_dist_object ON pg_dist_object.classid = 'pg_proc'::regclass AND pg_dist_object.objid = pg_proc.oid
WHERE pronamespace = 'sage'::regnamespace AND (
    pg_dist_object.objid IS NULL
    OR pg_dist_object.distribution_argument_index IS DISTINCT FROM delegated.argument - 1
)
ORDER BY proname;

-- name: count_other_sessions
-- Count the connections of other processes of Sage to this database.
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND application_name = 'sage' AND pid <> pg_backend_pid();

-- name: functions_of_release
-- Tell which release made the functions that only a distributed database has.
SELECT obj_description(to_regproc('sage.is_distributed'), 'pg_proc');

-- name: record_functions_of_release
-- Write the statement that records which release made them.
SELECT format('COMMENT ON FUNCTION sage.is_distributed() IS %L', $1::text);

-- name: change_one_by_one
-- Let changes of tables, and what is read between them, go to the shards of a node by one connection.
SET LOCAL citus.multi_shard_modify_mode = 'sequential';

-- name: ask_citus_nodes
-- Tell of each server that has rows of spaces whether it answers.
SELECT node_name AS host, node_port AS port, success AS answers
FROM (
    SELECT array_agg(nodename::text ORDER BY nodeid) AS names, array_agg(nodeport ORDER BY nodeid) AS ports,
        array_agg('SELECT 1'::text) AS commands
    FROM pg_dist_node
    WHERE noderole = 'primary' AND shouldhaveshards
) AS nodes
CROSS JOIN LATERAL master_run_on_worker(nodes.names, nodes.ports, nodes.commands, true);

-- name: list_distrusting_nodes
-- List the servers on which PostgreSQL uses no index over words and metadata behind a policy, since it is not told to
-- trust their operators.
SELECT DISTINCT node AS host, port
FROM sage.rows_of_nodes($query$
    SELECT coalesce(json_agg(proname), '[]') FROM pg_proc
    WHERE pronamespace = 'pg_catalog'::regnamespace AND proname IN ('ts_match_vq', 'jsonb_contains') AND NOT proleakproof
$query$)
ORDER BY host, port;

-- name: group_of_space
-- Tell the group of nodes that a space lies on.
SELECT groupid FROM pg_dist_placement
WHERE shardid = get_shard_id_for_distribution_column('sage.memories', $1::text);

-- name: list_node_groups
-- List the servers that have memories of spaces, by the numbers of their groups.
SELECT groupid, nodename::text AS host, nodeport AS port FROM pg_dist_node
WHERE noderole = 'primary' AND groupid IN (
    SELECT groupid FROM pg_dist_placement
    JOIN pg_dist_shard USING (shardid)
    WHERE logicalrelid = 'sage.memories'::regclass
);

-- name: ask_node_of_group
-- Ask the first node of a group, and report whether it answers.
SELECT bool_and(success)
FROM (
    SELECT nodename::text AS name, nodeport AS port FROM pg_dist_node WHERE groupid = $1::integer AND noderole = 'primary'
) AS node
CROSS JOIN LATERAL master_run_on_worker(ARRAY[node.name], ARRAY[node.port], ARRAY['SELECT 1'], true);

-- fragment: checks_planned_once
-- Plan the checks of foreign keys once, as `plan_checks_once` does, from the execution of a statement on. They follow
-- it, and it is planned before: for its own arguments, which may limit it to few rows of a large table.
planning AS MATERIALIZED (
    SELECT set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true)
);

-- name: plan_checks_once
-- Plan the checks of foreign keys once, for any row, until the settings are restored or the transaction ends: planned
-- for each row they take twice as long as the deletion. Such a plan must not read a whole table, which may be empty
-- now. Return the settings before.
SELECT current_setting('plan_cache_mode') AS plan_cache_mode, current_setting('enable_seqscan') AS enable_seqscan,
    set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true);

-- name: restore_planning
-- Restore these settings.
SELECT set_config('plan_cache_mode', $1, true), set_config('enable_seqscan', $2, true);

-- name: read_planning
-- Read these settings.
SELECT current_setting('plan_cache_mode') AS plan_cache_mode, current_setting('enable_seqscan') AS enable_seqscan;

-- name: bound_transaction
-- Set the given settings until the end of the transaction.
SELECT set_config(setting.name, setting.value, true)
FROM unnest($1::text[], $2::text[]) AS setting (name, value);

-- distributed: bound_transaction
-- Set them on every node that takes part.
SELECT sage.bound_transaction($1::text[], $2::text[]);

-- name: has_settings
-- Report by a row whether the session got its settings: a pooler may have kept them to itself.
SELECT WHERE current_setting('plan_cache_mode') = 'force_custom_plan';

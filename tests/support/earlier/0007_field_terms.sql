-- The terms of the field: how often a row was delivered to a worker that was not heard of again, and
-- which model is active.

-- squawk-ignore renaming-column
ALTER TABLE sage.embedding_queue RENAME COLUMN begun TO deliveries;
-- squawk-ignore renaming-table
ALTER TABLE sage.serving_model RENAME TO active_model;
-- squawk-ignore renaming-column
ALTER TABLE sage.active_model RENAME COLUMN the_only TO singleton;
-- squawk-ignore renaming-column
ALTER TABLE sage.active_model RENAME COLUMN serves_since TO active_since;

-- name: tables_before_32
-- Add the versions that tokens had.
ALTER TABLE sage.tokens ADD COLUMN version uuid DEFAULT gen_random_uuid();

-- name: tables_before_28
-- Drop the names of projects, which were not kept yet.
DROP TABLE sage.project_names, sage.project_identities;

-- name: tables_before_27
-- Drop how much of a memory gets vectors, which was not kept yet.
ALTER TABLE sage.memory_classes DROP COLUMN extent;

-- name: tables_before_26
-- Drop the classes of memories, which were not kept yet.
DROP TABLE sage.memory_classes;

-- name: tables_before_24
-- Drop the networks that apps have registered from, which were not kept yet.
ALTER TABLE sage.oauth_clients DROP COLUMN network;

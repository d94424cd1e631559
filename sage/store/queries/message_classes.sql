-- name: read_classes
-- Read the classes of memories, with what replies to them; what is not classed is left out.
SELECT memory_id, class, rules_version, reply_id
FROM sage.memory_classes
WHERE space_id = $1 AND memory_id = ANY ($2::uuid[]);

-- What is to be classed is found, and counted, without reading what is: rows by the version of the rules that classed
-- them. For that each memory has a row; those of early releases that were never classed get one of the first rules, in
-- whose place others come, or, as they are forgotten, one that is not looked at until they are brought back.
INSERT INTO sage.memory_classes (space_id, memory_id, class, rules_version)
SELECT space_id, memory_id, 0, CASE WHEN forgotten_at IS NULL THEN 1 ELSE 32767 END
FROM sage.memories
WHERE NOT EXISTS (
    SELECT FROM sage.memory_classes
    WHERE memory_classes.space_id = memories.space_id AND memory_classes.memory_id = memories.memory_id
);

-- squawk-ignore require-concurrent-index-creation
CREATE INDEX IF NOT EXISTS memory_classes_by_rules ON sage.memory_classes (rules_version, space_id);
-- squawk-ignore require-concurrent-index-deletion
DROP INDEX IF EXISTS sage.memory_classes_due;

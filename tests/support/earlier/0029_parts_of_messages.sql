-- Find those parts of split messages for which the first one stands in lists: there are hardly any.
-- The table was made by migration 26 a moment ago, so that nothing waits for the index.
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX memory_classes_later_parts ON sage.memory_classes (space_id, memory_id) WHERE extent > 2;

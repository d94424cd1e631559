-- Find those parts of split messages for which the first one stands in lists: there are hardly any.
CREATE INDEX memory_classes_later_parts ON sage.memory_classes (space_id, memory_id) WHERE extent > 2;

-- Index the words and metadata of a memory as it is saved, not in a list that vacuum empties. Each search read that
-- list, and by its length PostgreSQL believed the index so dear that it read whole spaces for each word of a
-- question: the time between many saves and the next vacuum is when people search.
ALTER INDEX sage.memories_lexemes SET (fastupdate = off);
ALTER INDEX sage.memories_metadata SET (fastupdate = off);
SELECT gin_clean_pending_list('sage.memories_lexemes');
SELECT gin_clean_pending_list('sage.memories_metadata');

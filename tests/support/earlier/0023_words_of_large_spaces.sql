-- Look words up in the index of words alone. Where a space holds about a million memories PostgreSQL hoped to
-- come upon a word sooner in the order of the primary key, and read the whole space for each word that nobody
-- used. A bitmap is what an index of words gives in any case.
ALTER FUNCTION sage.search_words(text, text[], text[], text[], text[], boolean[], bigint) SET enable_indexscan = off;
ALTER FUNCTION sage.search_keys(text, text[], text[], integer) SET enable_indexscan = off;

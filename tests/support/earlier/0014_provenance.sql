-- How a memory came in: tool, rest, cli, or hook:CLIENT. What was saved earlier has null: it was not
-- recorded. Of an import, the id of the run says that it was one.

ALTER TABLE sage.memories ADD COLUMN source text;

-- An import names in the metadata what it was taken from; a file of Sage may name nothing.
CREATE FUNCTION sage.source_of(source text, import_id uuid, metadata jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN import_id IS NULL THEN source
    ELSE 'import:' || left(coalesce(metadata ->> 'source', 'sage'), 40)
END;

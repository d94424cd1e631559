-- How much of a memory gets vectors: the whole 0, both ends 1, its beginning 2, its end 3, nothing 4. Of what was
-- pasted into the session of an agent, or answered there, at length, the middle does not.
ALTER TABLE sage.memory_classes
ADD COLUMN extent smallint NOT NULL DEFAULT 0 CHECK (extent BETWEEN 0 AND 4);

-- Return whether a memory gets vectors at all.
CREATE FUNCTION sage.is_embedded(class smallint, extent smallint) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN sage.is_ranked(class) AND extent <> 4;

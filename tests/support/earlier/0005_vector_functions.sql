-- Vectors are compared through functions of this schema, so that queries need not know in which schema
-- pgvector is installed. Their bodies are kept parsed, by object and not by name, and the planner puts
-- them in place of the call: an index over the operator is used as before.

CREATE FUNCTION sage.vector_distance(one halfvec, other halfvec) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN one <=> other;

-- What an index over embedding::halfvec(384) holds, where the number is a parameter.
CREATE FUNCTION sage.vector_of_length(vector halfvec, dimensions integer) RETURNS halfvec
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN halfvec(vector, dimensions, true);

CREATE FUNCTION sage.vector_bytes(vector halfvec) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN halfvec_send(vector);

-- For arrays of vectors, whose type no function tells.
CREATE DOMAIN sage.half_vector AS halfvec;

-- Which model answers: one row at most, set when Sage first starts, moved by `sage reembed`.

CREATE TABLE serving_model (
    the_only     boolean     PRIMARY KEY DEFAULT true CHECK (the_only),
    model_id     smallint    NOT NULL REFERENCES embedding_models,
    serves_since timestamptz NOT NULL DEFAULT now()
);

-- In a database that was used before, the model that made most of the vectors.
INSERT INTO serving_model (model_id)
SELECT model_id FROM embeddings GROUP BY model_id ORDER BY count(*) DESC, model_id LIMIT 1;

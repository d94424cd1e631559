-- Vectors that no walk of their space's index comes to: searches compare them one by one.

CREATE TABLE sage.unlinked_embeddings (
    space_id  text     NOT NULL,
    memory_id uuid     NOT NULL,
    model_id  smallint NOT NULL,
    chunk     smallint NOT NULL,
    PRIMARY KEY (space_id, memory_id, model_id, chunk),
    FOREIGN KEY (space_id, memory_id, model_id, chunk)
        REFERENCES sage.embeddings (space_id, memory_id, model_id, chunk) ON DELETE CASCADE
);

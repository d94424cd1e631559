-- How often in a row a memory was leased and nothing more was heard: the worker died or hung. A text
-- that ends the process each time is told by it from one that a provider refuses.

ALTER TABLE embedding_queue ADD COLUMN begun integer NOT NULL DEFAULT 0 CHECK (begun >= 0);

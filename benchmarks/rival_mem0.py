"""A driver that runs in the environment of mem0ai: JSON lines in, lines that begin with = out."""

import json
import sys

from mem0 import Memory

folder = sys.argv[1]
store = {"path": folder, "collection_name": "m", "embedding_model_dims": 384, "on_disk": True}
model = {"model": "sentence-transformers/all-MiniLM-L6-v2", "embedding_dims": 384}
memory = Memory.from_config(
    {
        "vector_store": {"provider": "qdrant", "config": store},
        "embedder": {"provider": "fastembed", "config": model},
        "history_db_path": f"{folder}/history.db",
    }
)
for line in sys.stdin:
    asked = json.loads(line)
    if "text" in asked:
        memory.add(asked["text"], user_id="u", infer=False, metadata={"label": asked["label"]})
        answer = None
    else:
        found = memory.search(asked["query"], filters={"user_id": "u"}, top_k=10)["results"]
        answer = [hit["metadata"]["label"] for hit in found]
    sys.stdout.write(f"={json.dumps(answer)}\n")
    sys.stdout.flush()

"""What SiliconFlow's models answer: its shapes, limits and quirks, with made-up but steady vectors.

Known from its documentation and from what users met; nothing here was recorded from the service.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field

QWEN3_LENGTHS = (64, 128, 256, 512, 768, 1024, 1536, 2048, 2560, 4096)
EMBEDDERS = {  # name: (native length, lengths that may be asked for, tokens an input, batch)
    "BAAI/bge-m3": (1024, (), 8192, 32),
    "Pro/BAAI/bge-m3": (1024, (), 8192, 32),
    "BAAI/bge-large-zh-v1.5": (1024, (), 512, 32),
    "BAAI/bge-large-en-v1.5": (1024, (), 512, 32),
    "netease-youdao/bce-embedding-base_v1": (768, (), 512, 32),
    "Qwen/Qwen3-Embedding-8B": (4096, QWEN3_LENGTHS, 32_768, 64),
    "Qwen/Qwen3-Embedding-4B": (2560, QWEN3_LENGTHS[:9], 32_768, 64),
    "Qwen/Qwen3-Embedding-0.6B": (1024, QWEN3_LENGTHS[:6], 32_768, 64),
}
RERANKERS = (
    "BAAI/bge-reranker-v2-m3",
    "Pro/BAAI/bge-reranker-v2-m3",
    "netease-youdao/bce-reranker-base_v1",
    "Qwen/Qwen3-Reranker-0.6B",
    "Qwen/Qwen3-Reranker-4B",
    "Qwen/Qwen3-Reranker-8B",
)
CHATS = {"Qwen/Qwen3-8B": True, "Qwen/Qwen2.5-7B-Instruct": False}  # may thinking be switched off?


class Refused(Exception):  # noqa: N818 - an answer rather than an error
    """An answer with a status other than 200."""

    def __init__(self, status, code, message):
        super().__init__(message)
        self.status = status
        self.body = {"code": code, "message": message, "data": None}


def unknown_model():
    return Refused(400, 20012, "Model does not exist. Please check it carefully.")


def invalid(message="The parameter is invalid. Please check again."):
    return Refused(400, 20015, message)


@dataclass
class Models:
    """Answers requests whose key was right; `refused_word` makes a text unacceptable.

    The chat model says `reply`, or without one all that it was told. `embedded` counts for each
    model how often it embedded a text.
    """

    refused_word: str = ""
    reply: str | None = "They spoke of it. It was noted."
    embedded: dict = field(default_factory=lambda: defaultdict(Counter))

    def answer(self, path, body):
        if not isinstance(body, dict) or not isinstance(body.get("model"), str):
            raise invalid()
        match path:
            case "/v1/embeddings":
                return self._embed(body)
            case "/v1/rerank":
                return self._rerank(body)
            case "/v1/chat/completions":
                return self._chat(body)
        raise Refused(404, 404, "404 page not found")

    def _embed(self, body):
        if body["model"] not in EMBEDDERS:
            raise unknown_model()
        native, lengths, most_tokens, most_texts = EMBEDDERS[body["model"]]
        texts = [body["input"]] if isinstance(body.get("input"), str) else body.get("input")
        wrong_type = not isinstance(texts, list) or not all(isinstance(t, str) for t in texts)
        if wrong_type or not texts or not all(texts):
            raise invalid()
        if bool(lengths) != ("dimensions" in body):  # bge refuses it, Qwen3 was seen to want it
            raise invalid()
        length = body.get("dimensions", native)
        if lengths and length not in lengths:
            raise invalid()
        if len(texts) > most_texts:
            sizes = f"input batch size {len(texts)} > maximum allowed batch size {most_texts}"
            raise Refused(413, 20042, sizes)
        if any(len(text) > most_tokens for text in texts):
            raise Refused(413, 20042, f"input must have less than {most_tokens} tokens")
        if self.refused_word and any(self.refused_word in text for text in texts):
            raise invalid()
        self.embedded[body["model"]].update(texts)
        return {
            "object": "list",
            "model": body["model"],
            "data": [
                {"object": "embedding", "index": index, "embedding": vector}
                for index, vector in enumerate(
                    vector_of(text, length, body["model"]) for text in texts
                )
            ],
            "usage": usage(texts),
        }

    def _rerank(self, body):
        if body["model"] not in RERANKERS:
            raise unknown_model()
        documents, question = body.get("documents"), body.get("query")
        if not documents or not question:
            raise invalid()
        if "instruction" in body and "Qwen3" not in body["model"]:
            raise invalid()
        results = [
            {"index": index, "relevance_score": likeness(question, document)}
            for index, document in enumerate(documents)
        ]
        results.sort(key=lambda result: -result["relevance_score"])
        return {
            "id": "019a0000",
            "results": results[: body.get("top_n", len(results))],
            "tokens": {"input_tokens": sum(map(len, documents)), "output_tokens": 0},
        }

    def _chat(self, body):
        if body["model"] not in CHATS:
            raise unknown_model()
        messages = body.get("messages")
        if not isinstance(messages, list) or not 1 <= len(messages) <= 10:
            raise invalid()
        if "enable_thinking" in body and not CHATS[body["model"]]:
            raise invalid(
                "Value error, current model does not support parameter `enable_thinking`."
            )
        told = "\n".join(str(message.get("content")) for message in messages)
        reply = {"role": "assistant", "content": told if self.reply is None else self.reply}
        if CHATS[body["model"]] and body.get("enable_thinking", True):
            reply["reasoning_content"] = "The user wants a summary."
        return {
            "id": "019a0001",
            "object": "chat.completion",
            "model": body["model"],
            "choices": [{"index": 0, "message": reply, "finish_reason": "stop"}],
            "usage": usage([str(messages)]),
        }


def catalogue():
    names = [*EMBEDDERS, *RERANKERS, *CHATS]
    return {"object": "list", "data": [{"id": name, "object": "model"} for name in names]}


def vector_of(text, length, model):
    """Hash words into a bag, so that texts that share words lie close. Not of length one.

    Each model does it in its own way. A word and its mirror image mean the same to all of them.
    """
    vector = [0.01] * length
    for word in words_of(text):
        place = hashlib.sha256(f"{model} {min(word, word[::-1])}".encode()).digest()
        vector[int.from_bytes(place[:4], "big") % length] += 3
    return vector


def likeness(question, document):
    asked, said = set(words_of(question)), set(words_of(document))
    return round(1 / (1 + math.exp(2 - 4 * len(asked & said) / max(1, len(asked)))), 6)


def words_of(text):
    return re.findall(r"\w+", text.lower())


def usage(texts):
    tokens = sum(map(len, texts))
    return {"prompt_tokens": tokens, "completion_tokens": 0, "total_tokens": tokens}

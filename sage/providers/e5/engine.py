"""Run the model: a text becomes a unit vector."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np
import sentencepiece

from sage.config.child_environment import disable_telemetry
from sage.providers.e5.allocator import return_freed_memory
from sage.providers.e5.embedding_table import EmbeddingTable
from sage.providers.e5.made_files import TOKENIZER, WEIGHTS

disable_telemetry()
import onnxruntime  # noqa: E402 - it sends telemetry unless disabled beforehand

if TYPE_CHECKING:
    from pathlib import Path

    from sage.domain.embedding import Vectors

_BOS, _EOS = 0, 2
_MAX_TOKENS = 510
"""The tokens between the first and the last one: the model has 512 positions."""
_ERRORS_ONLY = 3
_MAX_WORDS = 4_096


class E5:
    """The model, loaded. Calls may overlap; each computes in the thread it is called in."""

    def __init__(self, files: Path) -> None:
        """Load the model from the directory of its files. Raises OSError, RuntimeError."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False  # it would keep the memory of the longest text
        # More would put the slow SkipLayerNormalization in the place of Add and LayerNormalization.
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
        options.log_severity_level = _ERRORS_ONLY
        options.add_session_config_entry(
            "session.model_external_initializers_file_folder_path", str(files)
        )
        graph = resources.files("sage.providers.e5").joinpath("graph.onnx").read_bytes()
        self._session = onnxruntime.InferenceSession(
            graph, options, providers=["CPUExecutionProvider"]
        )
        scales_at = self._session.get_modelmeta().custom_metadata_map["scales_at"]
        self._table = EmbeddingTable(files / WEIGHTS, int(scales_at))
        self._tokenizer = sentencepiece.SentencePieceProcessor(model_file=str(files / TOKENIZER))
        self._is_token = lru_cache(_MAX_WORDS)(self._is_one_token)
        return_freed_memory()

    def has_word(self, word: str) -> bool:
        """Return whether a word is a single token; cached for recent words."""
        return self._is_token(word)

    def _is_one_token(self, word: str) -> bool:
        return len(self._tokenizer.encode(word)) == 1

    def query(self, text: str) -> Vectors:
        """Return the vector of a question."""
        return self._embed(f"query: {text}")

    def passage(self, text: str) -> Vectors:
        """Return the vector of a text to be stored."""
        return self._embed(f"passage: {text}")

    def _embed(self, text: str) -> Vectors:
        """Return the normalized mean of the hidden states of all tokens."""
        tokens = [_BOS, *self._tokenizer.encode(text)[:_MAX_TOKENS], _EOS]
        rows = self._table.rows(tokens)
        places = np.arange(len(tokens))[np.newaxis]
        given = {"weights": rows["weights"], "scales": rows["scales"], "places": places}
        (hidden,) = self._session.run(None, given)
        mean: Vectors = hidden[0].mean(axis=0)
        return mean / np.linalg.norm(mean)

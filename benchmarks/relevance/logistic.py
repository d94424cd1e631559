"""Fit a logistic function by Newton's method, with a ridge on standardized features."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sage.retrieval.relevance.classification import Logistic

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sage.retrieval.ranking.evidence import FloatColumn

_STEPS = 60
_ENOUGH = 1e-8
_DIGITS = 5


def fitted_logistic(
    features: Mapping[str, FloatColumn], truth: FloatColumn, weights: FloatColumn, ridge: float
) -> Logistic:
    """Return the function fitted to the probability of `truth` (0 or 1), with row weights."""
    columns = np.column_stack(list(features.values()))
    means, spreads = columns.mean(axis=0), columns.std(axis=0)
    spreads[spreads == 0] = 1
    rows = np.column_stack([(columns - means) / spreads, np.ones(len(columns))])
    penalty = np.diag([ridge] * columns.shape[1] + [0.0])
    found = np.zeros(rows.shape[1])
    for _ in range(_STEPS):
        likely = 1 / (1 + np.exp(-rows @ found))
        slope = rows.T @ (weights * (truth - likely)) - penalty @ found
        bend = (rows * (weights * likely * (1 - likely))[:, None]).T @ rows + penalty
        step = np.linalg.solve(bend, slope)
        found += step
        if np.abs(step).max() < _ENOUGH:
            break
    slopes = found[:-1] / spreads
    return Logistic(
        dict(zip(features, np.round(slopes, _DIGITS).tolist(), strict=True)),
        round(float(found[-1] - slopes @ means), _DIGITS),
    )

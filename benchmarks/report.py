"""Tables of the results of benchmarks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.cli.terminal.table import Table
from sage.domain.text.wording import size_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.ablation import Ablation
    from benchmarks.backup import BackupMeasured
    from benchmarks.costs import Cost
    from benchmarks.latency import SizeLatency
    from benchmarks.pages import PageCost
    from benchmarks.recall import SpaceRecall
    from benchmarks.relevance.measure import Calibration, RelevanceMeasured, Share
    from benchmarks.scale import SizeCost
    from benchmarks.search_cost import SearchCost

_LATENCY = (
    "p50, p95: half of the calls, 95 of 100 take no longer; floor: minimum time of such a call "
    "on this machine; ratio: call to floor; growth: p50 relative to the first size."
)
_RECALL = (
    "recall@10, recall@100: share of the nearest vectors that is found; exact: time of an exact "
    "comparison; ratio: search to exact."
)
_BACKUP = (
    "Rows and checksums of all tables are equal, otherwise the restore would have failed. Two "
    "builds of an index may differ in a neighbor."
)
_RELEVANCE = (
    "right: share of own questions, answered among the first 5, that are not classified as "
    "`none`, and of all others that are."
)
_SEARCH_COST = (
    "Processor time of a search without its embedding; searches/s: with 16 concurrent clients."
)
_SCALE = (
    "Processor time of PostgreSQL, and ratios to the first row. words: without vector search. "
    "blocks: of 8 kB, per search. recall@10: of vector search."
)
_PAGES = (
    "p50 of the calls, and processor time of Sage and PostgreSQL; ratios to /health. blocks: "
    "read from tables and indexes by the queries of a page."
)
_CALIBRATION = "ECE: expected calibration error of the first 5 probabilities, in 10 bins."


def relevance_tables(found: RelevanceMeasured) -> list[Table]:
    """Build tables of the accuracy of relevance, for shipped and cross-validated coefficients."""
    return [
        _shares_table("shipped, held out", found.held_out),
        _calibration_table("shipped, held out", found.held_out_calibration),
        _shares_table("each left out", found.each_left_out),
        _calibration_table("each left out", found.each_left_out_calibration),
    ]


def _shares_table(title: str, shares: Sequence[Share]) -> Table:
    rows = [(one.kind, one.where, f"{one.questions:,}", f"{one.right:.3f}") for one in shares]
    return Table((title, "stored as", "count", "right"), rows, left=2, legend=_RELEVANCE)


def _calibration_table(title: str, errors: Sequence[Calibration]) -> Table:
    rows = [(one.where, f"{one.hits:,}", f"{one.error:.3f}") for one in errors]
    return Table((title, "results", "ECE"), rows, left=1, legend=_CALIBRATION)


def backup_table(found: BackupMeasured) -> Table:
    """Build a table of the duration of a backup and a restore, and of unchanged answers."""
    rows = [
        ("backup", f"{found.backup_s:.1f} s", size_text(found.size_bytes)),
        ("restore, with checks", f"{found.restore_s:.1f} s", f"{found.memories:,} memories"),
        ("searches of the manifest", f"{found.repeated}", "all equal"),
        ("other questions", f"{found.questions}", f"best equal: {found.same_best}"),
        ("", "", f"first ten in the same order: {found.same_order}"),
    ]
    return Table(("what", "measured", ""), rows, left=1, legend=_BACKUP)


def latency_tables(sizes: Sequence[SizeLatency], clients: int) -> list[Table]:
    """Build tables of single calls and their floors, of saves under load, and of throughput."""
    first = sizes[0].compared
    rows = [
        (
            f"{one.memories:,}",
            name,
            f"{compared.call.p50_ms:.1f}",
            f"{compared.call.p95_ms:.1f}",
            f"{compared.floor.p50_ms:.1f}",
            f"{compared.p50_ratio:.2f}",
            f"{compared.p95_ratio:.2f}",
            f"{compared.call.p50_ms / first[name].call.p50_ms:.2f}",
        )
        for one in sizes
        for name, compared in one.compared.items()
    ]
    heading = ("memories", "call", "p50 ms", "p95 ms", "floor p50", "ratio p50", "p95", "growth")
    loads = [
        (
            f"{one.memories:,}",
            load,
            f"{one_load.call.p50_ms:.1f}",
            f"{one_load.call.p95_ms:.1f}",
            f"{one_load.p50_ratio:.2f}",
            f"{one_load.p95_ratio:.2f}",
        )
        for one in sizes
        for load, one_load in one.saves_under_load.items()
    ]
    under = ("memories", "state", "p50 ms", "p95 ms", "to alone p50", "p95")
    many = [
        (
            f"{one.memories:,}",
            f"{one.searches_per_s:.0f}",
            f"{one.saves_per_s:.0f}",
            size_text(one.resident_bytes),
        )
        for one in sizes
    ]
    at_once = ("memories", f"searches/s, {clients} clients", "saves/s", "memory of Sage")
    return [
        Table(heading, rows, left=2, legend=_LATENCY),
        Table(under, loads, left=2),
        Table(at_once, many, left=1),
    ]


def search_cost_table(cost: SearchCost) -> Table:
    """Build a table of the processor time of a search, and of the throughput."""
    row = (
        f"{cost.memories:,}",
        f"{cost.questions:,}",
        f"{cost.postgres_ms:.1f}",
        f"{cost.sage_ms:.1f}",
        f"{cost.postgres_ms + cost.sage_ms:.1f}",
        f"{cost.searches_per_s:.1f}",
    )
    columns = ("memories", "questions", "PostgreSQL, ms", "Sage, ms", "both", "searches/s, 16")
    return Table(columns, [row], left=0, legend=_SEARCH_COST)


def scale_table(costs: Sequence[SizeCost]) -> Table:
    """Build a table of the cost of a space at each size, with ratios to the smallest."""
    least = costs[0]
    rows = [
        (
            f"{one.memories:,}",
            f"{one.bytes_each:,}",
            f"{one.build_s:.1f}",
            f"{one.search_ms:.1f}",
            f"{one.search_ms / least.search_ms:.2f}",
            f"{one.blocks:,.0f}",
            f"{one.blocks / least.blocks:.2f}",
            f"{one.words_ms:.1f}",
            f"{one.words_ms / least.words_ms:.2f}",
            f"{one.stats_ms:.1f}",
            f"{one.recall_at_10:.3f}",
        )
        for one in costs
    ]
    columns = (
        *("memories", "bytes each", "index, s", "search, ms", "ratio", "blocks", "ratio"),
        *("words, ms", "ratio", "stats, ms", "recall@10"),
    )
    return Table(columns, rows, left=0, legend=_SCALE)


def pages_table(costs: Sequence[PageCost]) -> Table:
    """Build a table of the latency and the blocks of each page."""
    rows = [
        (
            f"{one.memories:,}",
            one.page,
            f"{one.times.p50_ms:.1f}",
            f"{one.ratio:.1f}",
            f"{one.processor_ms:.1f}",
            f"{one.processor_ratio:.1f}",
            f"{one.total_blocks:,}",
        )
        for one in costs
    ]
    columns = ("memories", "page", "p50, ms", "ratio", "processor, ms", "ratio", "blocks")
    return Table(columns, rows, left=2, legend=_PAGES)


def costs_table(costs: Mapping[str, Cost], part: str) -> Table:
    """Build a table of the latency of calls with and without a part of Sage."""
    rows = [
        (
            name,
            f"{cost.on.calls:,}",
            f"{cost.on.p50_ms:.2f}",
            f"{cost.off.p50_ms:.2f}",
            f"{cost.p50_ratio:.3f}",
            f"{cost.best_ratio:.3f}",
        )
        for name, cost in costs.items()
    ]
    return Table(
        ("call", "calls", f"p50 ms with {part}", "without", "ratio p50", "best"), rows, left=1
    )


def recall_table(spaces: Sequence[SpaceRecall]) -> Table:
    """Build a table of the recall of vector search, and of its time relative to exact."""
    rows = [
        (
            one.space,
            one.filtered_by,
            f"{one.vectors:,}",
            "index" if one.by_index else "all",
            f"{one.recall_at_10:.3f}",
            f"{one.recall_at_100:.3f}",
            f"{one.p50_ms:.1f}",
            f"{one.exact_ms:.1f}",
            f"{one.p50_ms / one.exact_ms:.2f}",
        )
        for one in spaces
    ]
    heading = ("space", "filtered by", "vectors", "reads", "recall@10", "recall@100", "p50 ms")
    return Table((*heading, "exact", "ratio"), rows, left=2, legend=_RECALL)


def ablation_table(sets: Sequence[Ablation]) -> Table:
    """Build a table of the change in recall, in percentage points, without each signal."""
    heading = ["without"]
    for one in sets:
        heading += [f"{one.name} @5", "@10"]
    rows = [
        [
            signal,
            *(
                f"{100 * change:+.1f}"
                for one in sets
                for change in (
                    one.without[signal].recall_at_5 - one.total.recall_at_5,
                    one.without[signal].recall_at_10 - one.total.recall_at_10,
                )
            ),
        ]
        for signal in sets[0].without
    ]
    return Table(heading, rows, left=1)

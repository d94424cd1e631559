"""Report a move before and after it, with the next steps, to people and to programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.cli.terminal.console import Style, styled
from sage.cli.views.program_name import as_called
from sage.config.dsn import EMBEDDED
from sage.domain.text.wording import counted, duration_text, size_text
from sage.phrases import phrase

if TYPE_CHECKING:
    from sage.cli.terminal.console import Console
    from sage.operations.move.moving import MoveResult
    from sage.operations.move.sides import MovePlan, Place
    from sage.store.moving.mark import MoveMark


def write_plan(console: Console, plan: MovePlan, *, as_json: bool) -> None:
    """Write what will be moved, from where to where."""
    if as_json:
        console.write_json(_described(plan))
        return
    console.write(
        phrase(
            "{memories} ({size})",
            memories=counted(plan.memories, "memory", "memories"),
            size=size_text(plan.source.size_bytes),
        )
    )
    for label, place in ((phrase("from"), plan.source), (phrase("to"), plan.target)):
        console.write(
            phrase(
                "{label}: {place}, PostgreSQL {postgres}, pgvector {pgvector}",
                label=label,
                place=place.described,
                postgres=place.postgres,
                pgvector=place.pgvector or phrase("not created yet"),
            )
        )
    if plan.source.collation != plan.target.collation:
        console.write(
            phrase(
                "they sort text differently ({here}, {there}), which only changes the order of "
                "names in lists",
                here=plan.source.collation or "-",
                there=plan.target.collation or "-",
            )
        )
    if plan.nodes:
        console.write(
            phrase(
                "the new database is distributed by Citus over {nodes}",
                nodes=counted(plan.nodes, "server", "servers"),
            )
        )
    if plan.is_distributed:
        console.write(
            phrase(
                "the old database is distributed: all rows are compared while writes are "
                "refused, and the duration depends on their number"
            )
        )
    if plan.resumes:
        console.write(phrase("an interrupted move continues"))
    elif plan.replaces:
        console.write(phrase("what the new database contains is replaced"))


def write_moved(console: Console, moved: MoveResult, *, target: str, as_json: bool) -> None:
    """Write what was compared, how long writes were refused, and the next steps."""
    compared, switched = moved.compared, moved.switched
    if as_json:
        console.write_json(
            _described(moved.plan)
            | {
                "rows_compared": compared.rows if compared else None,
                "searches_compared": compared.searches if compared else None,
                "rows_in_pause": switched.rows if switched else None,
                "paused_s": round(switched.paused_s, 3) if switched else None,
                "took_s": round(moved.took_s, 1),
            }
        )
        return
    done = phrase(
        "{moved} to the {place}", moved=phrase("moved"), place=moved.plan.target.described
    )
    console.write(*styled(done, moved=Style.GOOD))
    if compared and switched:
        console.write(
            phrase(
                "equal in both: {rows} in {tables} and the results of {searches}",
                rows=counted(compared.rows, "row", "rows"),
                tables=counted(compared.tables, "table", "tables"),
                searches=counted(compared.searches, "search", "searches"),
            )
        )
        console.write(
            phrase(
                "writes were refused for {seconds:.1f} s; the move took {duration}",
                seconds=switched.paused_s,
                duration=duration_text(moved.took_s),
            )
        )
    if target == EMBEDDED:
        setting = phrase("remove DATABASE_URL and DB_HOST from the settings of Sage")
    else:
        setting = phrase("set DATABASE_URL to the URL of the new database")
    console.write(
        as_called(phrase("next: {setting}, then run `sage down` and `sage up`", setting=setting))
    )
    console.write(
        as_called(
            phrase(
                "the old database refuses writes and is kept; to go back without what is saved "
                "from now on, run `sage move --cancel` on it"
            )
        )
    )


def write_canceled(console: Console, mark: MoveMark | None, *, as_json: bool) -> None:
    """Write which move was canceled, if there was one."""
    if as_json:
        console.write_json({"canceled": mark is not None})
    elif mark is None:
        console.write(phrase("there is no move to end"))
    else:
        done = phrase(
            "{ended} the move to the {other}: this database can be used again",
            ended=phrase("ended"),
            other=mark.other,
        )
        console.write(*styled(done, ended=Style.GOOD))


def _described(plan: MovePlan) -> dict[str, object]:
    return {
        "memories": plan.memories,
        "from": _place(plan.source),
        "to": _place(plan.target),
        "resumes": plan.resumes,
        "replaces": plan.replaces,
        "nodes": plan.nodes,
    }


def _place(place: Place) -> dict[str, object]:
    return {
        "database": place.described,
        "postgres": place.postgres,
        "pgvector": place.pgvector,
        "size_bytes": place.size_bytes,
    }

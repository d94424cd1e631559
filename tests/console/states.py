"""Every page of the console and the states it can be in; a new page joins here.

`tests/console/test_states.py` compares these with the routes, and the tests in `browser` open each.
"""

from __future__ import annotations

from dataclasses import dataclass

ROLES = ("reader", "writer", "owner", "server")
"""Tokens of one space, each of which may do what those before it may; and SAGE_TOKEN.

`server` manages that space and does not read it: it is shown what an owner manages.
"""


@dataclass(frozen=True, slots=True)
class State:
    """A state of a page.

    `path` is its address, with names of ids that `lived_in` returns. `least` is the first of
    `ROLES` that it is shown to; others get 403. `who` is another token, to be shown to it alone;
    '' is nobody. `reach` are selectors to be clicked one after the other, or pairs of a field and
    what is typed there; `ready` is there then. What is `scripted` is there neither without script
    nor on a phone.
    """

    path: str
    least: str = "reader"
    who: str | None = None
    status: int = 200
    reach: tuple[str | tuple[str, str], ...] = ()
    ready: str = "h1"
    scripted: bool = False
    part: bool = False


FOUND = "/?q=where+does+the+heron+nest"
MENU = ".msg .menu summary"
TOKENS = "[aria-labelledby=tokens] .adding"
SHOWN_TO_NOBODY = {"who": "", "status": 401, "ready": "#token"}

PAGES = {
    "/": {
        "home": State("/"),
        "empty": State("/", who="foreign"),
        "home-of-server": State("/", who="server"),
        "keys": State("/", reach=("[data-open=keys]",), ready="dialog[open]", scripted=True),
        "search": State(FOUND),
        "second": State(f"{FOUND}&hit={{asked}}"),
        "more": State(f"{FOUND}&show=20&old=1"),
        "why-not": State(f"{FOUND}&other=kestrel"),
        "why-not-forgotten": State(f"{FOUND}&other={{forgotten}}"),
        "filters": State("/?q=heron&role=assistant&project=garden"),
        "found-nothing": State("/?q=heron&project=attic"),
        "found-elsewhere": State("/?q=the+price+of+copper+in+1904"),
        "hostile": State("/?q=kestrel"),
        "wrong-filter": State("/?q=heron&after=whenever", status=422),
        "not-a-space": State("/?q=heron&space=nowhere", status=404),
    },
    "/sessions": {
        "sessions": State("/sessions"),
        "no-sessions": State("/sessions", who="foreign"),
        "project": State("/sessions?project=garden"),
        "no-such-day": State("/sessions?day=2020-02-02"),
        "wrong-day": State("/sessions?day=whenever", status=422),
    },
    "/sessions/{session_id:path}": {
        "conversation": State("/sessions/birds"),
        "hit": State("/sessions/birds?q=heron&hit={answer}", ready=".msg.hit"),
        "corrected": State("/sessions/pond", ready=".msg.old"),
        "written": State("/sessions/written", reach=(".whole summary",), ready=".whole[open]"),
        "forgotten": State("/sessions/pond?gone={forgotten}", ready=".gone"),
        "menu": State("/sessions/birds", reach=(MENU,), ready=".menu[open]"),
        "given-in-place": State(
            "/sessions/birds",
            who="writer",
            reach=(".given summary",),
            ready=".given[open] #given",
            scripted=True,
        ),
        "editor": State("/sessions/birds?edit={answer}", "writer", ready="form.edit"),
        "not-a-session": State("/sessions/nowhere", status=404),
    },
    "/messages/{memory_id}": {  # a part of a page, which the script puts into its place
        "editor-in-place": State(
            "/sessions/birds",
            "writer",
            reach=(MENU, ".menu[open] [data-edit]"),
            ready="form.edit",
            part=True,
        ),
    },
    "/tidy": {"tidy": State("/tidy")},
    "/tidy/{kind}": {
        "repeats": State("/tidy/duplicates", ready=".groups"),
        "repeats-forgotten": State(
            "/tidy/duplicates?chosen=none",
            "writer",
            reach=(".choose .go",),
            ready=".gone",
            part=True,
        ),
        "near-repeats": State("/tidy/near-duplicates"),
        "never-recalled": State("/tidy/never-recalled"),
        "replaced": State("/tidy/superseded", ready=".groups"),
        "secrets": State("/tidy/secrets"),
        "tools": State("/tidy/tool-sessions", ready=".groups"),
        "nothing-to-tidy": State("/tidy/duplicates", who="foreign"),
        "not-a-list": State("/tidy/nothing", status=422),
    },
    "/forgotten": {
        "what-is-forgotten": State("/forgotten", "writer", ready=".groups"),
        "not-forgotten": State("/forgotten?by=nobody", "writer"),
        "wrong-forgotten": State("/forgotten?from=whenever", "writer", status=422),
    },
    "/capture": {"capture": State("/capture", "server", ready=".clients")},
    "/given": {
        "given": State("/given", who="owner", ready=".handed"),
        "given-to-a-session": State("/given?session=codex%3Abirds", who="owner", ready=".handed"),
        "not-useful": State("/given?marked=1", who="owner", ready=".handed"),
        "nothing-given": State("/given", who="foreign"),
    },
    "/connect": {
        "connect": State("/connect"),
        "by-hand": State("/connect?client=cursor", reach=(".raw summary",), ready=".raw[open]"),
        "any-client": State("/connect?client=generic"),
        "not-a-client": State("/connect?client=nobody", status=404),
    },
    "/connect/imports": {
        "imports": State("/connect/imports", "writer", ready="table"),
        "imports-undo": State(
            "/connect/imports", "writer", reach=(".sure summary",), ready=".sure[open]"
        ),
        "no-imports": State("/connect/imports", who="foreign"),
        "file-options": State(
            "/connect/imports", "writer", reach=(".handing summary",), ready=".handing [open]"
        ),
        "file-counted": State("/connect/imports", who="owner", ready="#start"),
        "file-refused": State("/connect/imports", who="writer", ready=".handed .trouble"),
    },
    "/system": {
        "system": State("/system", "owner"),
        "week": State("/system?hours=168&operation=save_conversation", "owner"),
    },
    "/system/access": {
        "access": State("/system/access", "owner"),
        "access-found": State("/system/access?find=team", "owner"),
        "access-found-nothing": State("/system/access?find=nowhere", "owner"),
        "new-token": State(
            "/system/access", "owner", reach=(f"{TOKENS} summary",), ready=f"{TOKENS}[open]"
        ),
        "new-user": State(
            "/system/access",
            who="server",
            reach=("[aria-labelledby=users] .adding summary",),
            ready=".adding[open]",
        ),
        "revoke": State(
            "/system/access",
            "owner",
            reach=(".sure:has([action$=revoke]) summary",),
            ready=".sure[open]",
        ),
        "secret": State(
            "/system/access",
            "owner",
            reach=(f"{TOKENS} summary", f"{TOKENS} .go"),
            ready=".secret",
        ),
    },
    "/system/access/spaces/{name}": {
        "space": State("/system/access/spaces/team", "owner"),
        "space-changed": State("/system/access/spaces/team?changed=1", "owner", ready=".status"),
        "space-closed": State("/system/access/spaces/private", who="server", ready=".note"),
        "space-older": State(
            "/system/access/spaces/team",
            "owner",
            status=422,
            reach=(("#days", "1"), ".settings .go"),
            ready="#confirm",
        ),
        "not-a-space-to-manage": State("/system/access/spaces/nowhere", "owner", status=404),
    },
    "/system/access/erase": {
        "erase-space": State("/system/access/erase?space=team", "owner"),
        "erase-author": State("/system/access/erase?space=team&author=writer", "owner"),
        "erase-nothing": State("/system/access/erase?space=team&author=no0", "owner", status=404),
        "erase-wrong-name": State(
            "/system/access/erase?space=team",
            "owner",
            status=422,
            reach=(("#confirm", "no"), ".settings .go"),
            ready="#wrong",
        ),
    },
    "/system/access/erasures/{erasure_id}": {
        "no-erasure": State(
            "/system/access/erasures/00000000-0000-4000-8000-000000000000", "server", status=404
        ),
    },
    "/system/audit": {
        "audit": State("/system/audit", "owner", ready="table"),
        "no-events": State("/system/audit?token=nobody", "owner"),
        "wrong-time": State("/system/audit?since=whenever", "owner", status=422),
    },
    "/sign-in": {
        "sign-in": State("/sessions/birds?hit={answer}", **SHOWN_TO_NOBODY),
        "used-link": State("/sign-in?once=nothing", **SHOWN_TO_NOBODY),
        "wrong-token": State(
            "/",
            who="",
            status=401,
            reach=(("#token", "sage_wrong"), ".door .go"),
            ready="#wrong",
        ),
    },
}
"""By route; each state by a name of its own."""

STATES = {name: state for states in PAGES.values() for name, state in states.items()}


def is_asked(who: str, state: State) -> bool:
    """Return whether one of `ROLES` asks for a state."""
    return state.who is None and (who != "server" or state.least in {"owner", "server"})


def may_see(who: str, state: State) -> bool:
    """Return whether one of `ROLES` is shown a state; others get 403."""
    return ROLES.index(who) >= ROLES.index(state.least)

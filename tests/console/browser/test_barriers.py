"""axe-core finds no barrier in any state of a page, in any width and theme."""

from pathlib import Path

import pytest

from tests.console.browser.conftest import SHOTS

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
FIND = """
const rules = {"target-size": {enabled: true}};
const found = axe.run(document, {runOnly: {type: "tag", values: arguments[0]}, rules});
return found.then((all) => all.violations.map(
    (one) => [one.id, ...one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160))]));
"""
OVERFLOW = "return document.documentElement.scrollWidth - innerWidth"
IN_VIEW = "document.querySelector(arguments[0]).scrollIntoView({block: 'center'})"
STATES = {
    "home": ("/", None),
    "search": ("/?q=where+does+the+heron+nest", None),
    "second": ("/?q=where+does+the+heron+nest", "[data-why]:not([aria-current])"),
    "whynot": ("/?q=where+does+the+heron+nest&other=kestrel", None),
    "filters": ("/?q=heron&role=assistant&project=garden", None),
    "nothing": ("/?q=heron&project=attic", None),
    "wrong": ("/?q=heron&after=whenever", None),
    "sessions": ("/sessions", None),
    "reader": ("/sessions/birds", None),
    "menu": ("/sessions/birds", ".msg .menu summary"),
    "edit": ("/sessions/birds", None),
    "keys": ("/", "[data-open=keys]"),
    "missing": ("/sessions/nowhere", None),
    "connect": ("/connect?client=cursor", ".raw summary"),
    "imports": ("/connect/imports", None),
}
OF_THE_SERVER = {
    "capture": ("/capture", None),
    "system": ("/system", None),
    "access": ("/system/access", ".adding summary"),
    "revoke": ("/system/access", ".sure summary"),
    "audit": ("/system/audit", None),
}


@pytest.mark.parametrize("width", [1280, 380])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_state_of_a_page_has_a_barrier(open_page, axe, width, theme):
    for who, states in (("writer", STATES), ("server", OF_THE_SERVER)):
        page = open_page(who, width=width)
        for chosen in ("light", theme)[theme == "light" :]:
            page.click("form[action='/prefer'] .switch")
            page.until(f"[data-theme={chosen}] body.home")
        assert barriers(page, states, axe, f"{width}-{theme}") == {}


def barriers(page, states, axe, shown_as):
    """Return what is wrong in each state of pages, and keep pictures of them where wanted."""
    found, url = {}, page.url.rstrip("/")
    for name, (path, pressed) in states.items():
        if name == "keys" and shown_as.startswith("380"):
            continue  # a phone has none
        page.open(url + path)
        if name == "edit":
            page.click(".msg .menu summary")
            page.click(".menu[open] [data-edit]")
            page.until("form.edit")
        elif pressed:
            page.run(IN_VIEW, pressed)
            page.click(pressed)
        if name == "second":
            page.until(".why h2 .quiet", "place 2")
        found[name] = [page.run(OVERFLOW)] if page.run(OVERFLOW) > 0 else []
        page.run(f"{axe}; window.axe = axe")
        found[name] += page.run(FIND, TAGS)
        if SHOTS:
            shot = Path(SHOTS) / f"{name}-{shown_as}.png"
            shot.write_bytes(page.picture())
    page.log()  # answers such as 404 are told as errors
    return {name: problems for name, problems in found.items() if problems}


def test_the_page_that_asks_for_a_token_has_no_barrier(open_page, axe):
    page = open_page(None)
    page.run(f"{axe}; window.axe = axe")
    assert page.run(FIND, TAGS) == []
    page.log()

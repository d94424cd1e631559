"""Opens states of pages in a browser and says what is wrong in each."""

from pathlib import Path

from sage.console.context import LANGUAGE_COOKIE, THEME_COOKIE
from tests.console.browser.conftest import SHOTS

MAX_BYTES = 100_000
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
FIND = """
const rules = {"target-size": {enabled: true}};
const found = axe.run(document, {runOnly: {type: "tag", values: arguments[0]}, rules});
return found.then((all) => all.violations.map(
    (one) => [one.id, ...one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160))]));
"""
LOOK = """
const loaded = performance.getEntriesByType("navigation");
const all = [...loaded, ...performance.getEntriesByType("resource")];
return {
    status: loaded[0].responseStatus,
    language: document.documentElement.lang,
    theme: document.documentElement.dataset.theme,
    overflow: document.documentElement.scrollWidth - innerWidth,
    bytes: all.reduce((sum, one) => sum + one.transferSize, 0),
    forms: document.querySelectorAll("main form[method=post]").length,
};
"""


class States:
    """Opens states in one browser."""

    def __init__(self, page, url, cookies, ids, axe):
        self.page, self._url, self._cookies, self._ids, self._axe = page, url, cookies, ids, axe
        page.command("Network.setCacheDisabled", cacheDisabled=True)  # each is a first load

    def open(self, state, who, *, language="en", width=1280, theme="light", script=True):  # noqa: PLR0913
        """Open the page of a state as somebody, and reach the state unless they may not see it.

        Return what is wrong: that it was not reached.
        """
        kept = {LANGUAGE_COOKIE: language, THEME_COOKIE: theme, **self._cookies[who]}
        self.page.log()
        self.page.be(width=width, script=script, **kept)
        self.page.open(self._url + state.path.format(**self._ids))
        if self.page.run(LOOK)["status"] == 403:
            return []
        for step in state.reach:
            if isinstance(step, tuple):
                self.page.type(*step)
            elif self.page.count(step):
                self.page.click(step)
        try:
            self.page.until(state.ready)
        except AssertionError:
            return [("is not there", state.ready)]
        return []

    def problems(self, status, *, language="en", theme="light"):
        """Return what is wrong in the state that is open, but for what axe finds."""
        found = self.page.run(LOOK)
        wanted = {"status": status, "language": language, "theme": theme}
        problems = [(name, found[name]) for name in wanted if found[name] != wanted[name]]
        problems += [("overflow", found["overflow"])] * (found["overflow"] > 0)
        problems += [("bytes", found["bytes"])] * (found["bytes"] > MAX_BYTES)
        told = f"status of {status}"  # is told as an error
        return problems + [line for line in self.page.log() if status == 200 or told not in line]

    def barriers(self):
        """Return what axe finds in the state that is open."""
        self.page.run(f"{self._axe}; window.axe = axe")
        return self.page.run(FIND, TAGS)

    def keep_picture(self, name):
        """Keep a picture of the state that is open, where that is wanted."""
        if SHOTS:
            (Path(SHOTS) / f"{name}.png").write_bytes(self.page.picture())

"""What holds in every state of every page: tests/console/states.py has them."""

from urllib.parse import urlsplit

import pytest

from tests.console.browser.states import LOOK, States
from tests.console.states import ROLES, STATES, is_asked, may_see
from tests.support.chromium import TAB

pytestmark = pytest.mark.timeout(600)  # a hundred pages a test, where others use the machine, too

DEAD = """
const shown = (one) => one.checkVisibility();
const sends = (form) => form.querySelector("input[type=search]") // by the key of a phone
    || [...form.querySelectorAll("button:not([type=button])")].some(shown);
const forms = [...document.querySelectorAll("form")].filter((one) => shown(one) && !sends(one));
return [...forms, ...[...document.querySelectorAll(".scripted")].filter(shown)].map(
    (one) => one.outerHTML.slice(0, 160));
"""
WATCH = """
const inside = document.querySelector("dialog[open]") ?? document;
const known = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]";
window.waiting = new Set([...inside.querySelectorAll(known)].filter(
    (one) => one.tabIndex >= 0 && !one.disabled && one.checkVisibility()));
window.unseen = new Set();
document.addEventListener("focusin", ({target}) => {
    waiting.delete(target);
    const rings = ({outlineStyle, boxShadow, stroke}) =>
        outlineStyle !== "none" || boxShadow !== "none" || stroke !== "none";
    const around = [target, target.parentElement, target.firstElementChild].filter(Boolean);
    if (!around.some((one) => rings(getComputedStyle(one)))) unseen.add(target);
});
document.activeElement.blur();
return waiting.size;
"""
LEFT = "return [...waiting, ...unseen].map((one) => one.outerHTML.slice(0, 160))"


@pytest.fixture(scope="module")
def states(one_page, paged, cookies, lived_in, axe):
    """Return what opens states; none of them asks another host for anything."""
    yield States(one_page, paged.url, cookies, lived_in, axe)
    hosts = {urlsplit(url).netloc for _, url in one_page.requests()}
    assert hosts == {urlsplit(paged.url).netloc}


def most_allowed(state):
    """Return who sees most of a state without SAGE_TOKEN, where that is not needed."""
    if state.who is not None:
        return state.who
    return "owner" if may_see("owner", state) else "server"


def told(wrong):
    """Return what is wrong, a line for each; nothing where nothing is."""
    return "\n".join(f"{name}: {one}" for name, found in wrong.items() for one in found)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 380])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_state_has_a_barrier_in_any_look(states, language, width, theme):
    wrong = {}
    for name, state in STATES.items():
        if state.scripted and width == 380:
            continue
        look = {"language": language, "theme": theme}
        wrong[name] = states.open(state, most_allowed(state), width=width, **look)
        states.keep_picture(f"{name}-{language}-{width}-{theme}")
        wrong[name] += [*states.problems(state.status, **look), *states.barriers()]
    assert told(wrong) == ""


@pytest.mark.parametrize("who", ROLES)
def test_each_role_sees_what_it_may_and_a_reader_no_form_that_changes_something(states, who):
    wrong = {}
    for name, state in STATES.items():
        if is_asked(who, state):
            may = may_see(who, state)
            wrong[name] = states.open(state, who)
            if state.part and not may:
                wrong[name] = [] if wrong[name] else [("is shown", state.ready)]
            wrong[name] += states.problems(state.status if may or state.part else 403)
            wrong[name] += states.barriers()
            if who == "reader" and states.page.run(LOOK)["forms"]:
                wrong[name].append("a form")
    assert told(wrong) == ""


@pytest.mark.parametrize("width", [1280, 380])
def test_without_script_every_state_is_reached_and_every_form_can_be_sent(states, width):
    wrong = {}
    for name, state in STATES.items():
        if not state.scripted:
            wrong[name] = states.open(state, most_allowed(state), width=width, script=False)
            wrong[name] += [*states.problems(state.status), *states.page.run(DEAD)]
    assert told(wrong) == ""


def test_the_keyboard_reaches_all_that_can_be_used_and_it_is_seen_where_it_is(states):
    wrong = {}
    for name, state in STATES.items():
        wrong[name] = states.open(state, most_allowed(state))
        stops = states.page.run(WATCH)
        states.page.press(*[TAB] * (stops + 20))
        wrong[name] += states.page.run(LEFT)
    assert told(wrong) == ""

"""What people read in templates is marked as a text, so that it can be said in another language."""

import re

from sage.console.rendering import environment
from tests.support.each import each

NAMES = {"Sage", "·", "%"}
SHOWN = "aria-label|placeholder|title|alt|data-copied"
FOUND = ["<p>Search</p>", '<a aria-label="Search">{{ x }}</a>', "{% if a %}found{% endif %}"]
NOT_FOUND = ["<p class='a'>{{ _('Search') }} · Sage</p>", '<a title="{{ x }}">{# words #}</a>']


def unmarked(source):
    """Return what a reader sees of a template and no catalogue can have."""
    source = re.sub(r"{% block page %}.*?{% endblock %}", "", source)  # a class of the style sheet
    source = re.sub(r"<code>[\w ]*</code>", "", source)  # a command
    bare = re.sub(r"{#.*?#}|{%.*?%}", " ", source, flags=re.DOTALL)
    bare = re.sub(r"{{.*?}}", "", bare, flags=re.DOTALL)
    attributes = re.findall(rf'(?:{SHOWN})="([^"]*)"', bare)
    texts = re.sub(r"<[^>]*>", "\n", bare).split("\n")
    stripped = (re.sub(r"&\w+;", "", text).strip() for text in (*texts, *attributes))
    words = (text for text in stripped if not set(text.split()) <= NAMES)
    return [text for text in words if re.search(r"[^\W\d_]{2}", text)]


def test_every_text_of_a_template_is_marked():
    templates = environment()
    sources = {
        name: templates.loader.get_source(templates, name)[0] for name in templates.list_templates()
    }
    assert len(sources) >= 4
    assert {name: found for name, text in sources.items() if (found := unmarked(text))} == {}


@each("source", FOUND)
def test_a_text_that_is_not_marked_is_found(source):
    assert unmarked(source)


@each("source", NOT_FOUND)
def test_a_marked_text_and_the_name_of_sage_are_not_found(source):
    assert not unmarked(source)

"""A prompt needs things of some kind by its words, and a text names some by how it is written."""

# ruff: noqa: RUF001 - Chinese marks

from sage.retrieval.value_kinds import names_what_is_needed
from tests.support.each import each


@each(
    ("prompt", "text", "names"),
    [
        ("Which port is it?", "The gateway is on 9443.", True),
        ("Which port is it?", "Its table is heath_fulmar_623.", False),
        ("Which port is it?", "Its logs are in /srv/9443/gull.", False),
        ("它走哪个端口？", "记一下，它在9443端口。", True),
        ("What version may we use?", "Stay on 3.11.", True),
        ("What version may we use?", "It sends 3000 a minute.", False),
        ("它锁的是哪个版本？", "它只能停在1.39.38。", True),
        ("How long is it kept?", "We delete it after 30 days.", True),
        ("How long is it kept?", "It is on port 30.", False),
        ("它的数据留多久？", "数据保留三十天。", True),
        ("What time does it run?", "It starts at 4:15.", True),
        ("When is the release?", "We ship on Tuesday.", True),
        ("When is the release?", "We ship 12 crates.", False),
        ("它几点跑？", "它夜里3:20启动。", True),
        ("How many may it send?", "At most 500 a minute.", True),
        ("How many may it send?", "It sends to q.reed.heron.", False),
        ("Which folder has the logs?", "They are in /var/log/app.", True),
        ("Which folder has the logs?", "They are kept for 5 days.", False),
        ("What is the link?", "See https://wiki.example.org.", True),
        ("Who owns it?", "Ask Ilse Thorne.", True),
        ("Who owns it?", "Call Ilse.", True),
        ("Who owns it?", "Figures are on its board.", False),
        ("Who owns it?", "Its board is Pinefulmar105.", False),
        ("谁负责它？", "它出问题找王磊。", True),
        ("谁负责它？", "它由Ilse负责。", True),
        ("谁负责它？", "它每晚都跑。", False),
        ("What does it do?", "It is on 9443.", False),
    ],
)
def test_what_is_needed_is_known_by_how_it_is_written(prompt, text, names):
    assert names_what_is_needed(prompt, text) == names

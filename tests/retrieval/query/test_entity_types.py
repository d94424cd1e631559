"""A prompt needs things of some kind by its words, and a text names some by how it is written."""

# ruff: noqa: RUF001 - Chinese marks

from sage.retrieval.query.entity_types import type_match
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
        ("Who owns it?", "It is slow since Monday.", False),
        ("Which port is it?", "It stays on 3.11.", False),
        ("Which port is it?", "It is kept for 30 days.", False),
        ("谁负责它？", "它出问题找王磊。", True),
        ("谁负责它？", "它由Ilse负责。", True),
        ("谁负责它？", "它每晚都跑。", False),
        ("What does it do?", "It is on 9443.", False),
        ("Which table holds the orders?", "All of it ends up in heath_fulmar.", True),
        ("Which table holds the orders?", "It reads from the queue heath_fulmar.", False),
        ("Add a column to it.", "It writes to order_lines.", True),
        ("数一下它昨天有多少行。", "它写入heath_fulmar表。", True),
        ("Check it out on its branch.", "Work goes on on fix/late-fees.", True),
        ("In welchem Zweig liegt es?", "Es liegt in fix/late-fees.", True),
        ("它在哪个分支？", "它在fix/late-fees上开发。", True),
        ("它在哪个分支？", "它的面板是Pine105。", False),
        ("How many messages wait for it?", "It reads from jobs.mail.out.", True),
        ("它的队列叫什么？", "它现在读jobs.mail.out。", True),
        ("Quel est son interrupteur ?", "C'est late-fees-on.", True),
        ("Turn it on by its flag.", "It hangs on late-fees-on.", True),
        ("Add the errors to its dashboard.", "Its figures are on the board Pine105.", True),
        ("Which dashboard is it?", "It is called Overview, a dashboard of operations.", True),
        ("Which dashboard is it?", "It is kept for 105 days.", False),
        ("¿En qué servidor está?", "Está en db-3.", True),
        ("Сколько стоит? Какая цена?", "Цена 300.", True),
        ("How fast may it go?", "It is kept for 30 days.", False),
        ("Add its owner to the file.", "Ilse Thorne looks after it.", True),
    ],
)
def test_what_is_needed_is_known_by_how_it_is_written(prompt, text, names):
    assert (type_match(prompt, text) > 0) == names


def test_what_speaks_of_the_kind_fits_better_than_what_is_silent():
    prompt = "Which branch has the fix?"
    assert (
        type_match(prompt, "The branch is fix/fees.") > type_match(prompt, "It is on fix/fees.") > 0
    )


def test_words_of_a_subject_speak_of_no_kind():
    prompt, text = "What is the queue worker pinned to?", "The queue worker has a port."
    assert type_match(prompt, text) > type_match(prompt, text, frozenset({"queue", "worker"})) == 0
    prompt, text = "配额闸门的版本是多少？", "配额闸门的端口换了。"
    assert type_match(prompt, text) > type_match(prompt, text, frozenset({"配额", "闸门"})) == 0

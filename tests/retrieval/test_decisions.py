"""What people and assistants say was decided."""

from sage.retrieval.decisions import decisions_in, replaces
from tests.support.each import each

DECIDED = [
    "We decided to use RabbitMQ for the order queue.",
    "Let's go with option B.",
    "let's use Postgres for the session store",
    "We'll stick with pytest.",
    "Decision: the API stays on version 2 until March.",
    "We have agreed on semantic versioning.",
    "OK, use tabs instead of spaces in this repo.",
    "We're going with Helm for deployments.",
    "From now on we deploy on Thursdays only.",
    "It was decided that invoices are rounded up.",
    "We no longer use Redis for the cache.",
    "I've decided to drop Python 3.9.",
    "我们决定用 Kafka 做消息队列。",
    "改用 SQLite 存缓存吧。",
    "最后选定方案B。",
    "數據庫統一用 Postgres。",
    "就用 uv 管理依赖。",
    "Wir haben uns für Svelte entschieden.",
    "Nous avons décidé d'utiliser Redis.",
    "Hemos decidido usar Redis.",
    "we stay with WeasyPrint for now",
    "金额一律用整数存。",
    "那就还是明细表。",
]

NOT_DECIDED = [
    "We haven't decided on a queue yet.",
    "Have we decided on a queue?",
    "Let's look at the log.",
    "If we decide to use Redis, the cache is easy.",
    "The test decides which port is used.",
    "Before we decided, the cache was slow.",
    "Use the new login.",
    "The function returns the default option.",
    "还没决定用哪个数据库。",
    "我们决定用哪个库呢？",  # noqa: RUF001
]


@each("text", [*DECIDED, *NOT_DECIDED])
def test_a_decision_is_a_sentence_that_says_so(text):
    told = decisions_in(f"The build is green. {text}\nThanks.", is_mine=True)
    assert told == ([text] if text in DECIDED else [])


def test_an_assistant_proposes_and_does_not_decide():
    text = "Let's use Postgres for the session store."
    assert decisions_in(text, is_mine=True)
    assert not decisions_in(text, is_mine=False)


OF_THE_QUEUE = "We decided to use RabbitMQ instead of Redis for the order queue."
REPLACED = [
    (OF_THE_QUEUE, "We decided to use Redis for the order queue.", True),
    (OF_THE_QUEUE, "We decided to use Redis for the cache.", False),
    ("We no longer use Redis.", "Let's use Redis.", True),
    ("We switched from npm to pnpm.", "Let's go with npm.", True),
    ("We switched from npm to pnpm.", "We decided to use yarn.", False),
    ("缓存不再用 Redis。", "缓存决定用 Redis。", True),
    ("消息队列从 Redis 换成 Kafka。", "消息队列采用 Redis。", True),
    ("用 Kafka 代替 Redis 做消息队列。", "缓存采用 Redis。", False),
]


@each(("newer", "older", "is_replaced"), REPLACED)
def test_a_decision_replaces_what_it_names_as_no_longer_so(newer, older, is_replaced):
    assert replaces(newer, older) == is_replaced

# ruff: noqa: RUF001 - Chinese has punctuation of its own
"""What people and assistants say was decided."""

from sage.domain.memories import Role
from sage.retrieval.preferences.decisions import DECISION_TERMS, decisions_in, replaces
from sage.retrieval.text.words import terms_in
from tests.support.each import each
from tests.support.labelled_messages import labelled_sessions

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
    "搜索页用 Avro，不用 JSON：团队熟悉。",
    "礼品架就定 pytest，不要 unittest，代码少一半",
    "缓存层选 Redis，不选 Memcached。",
    "图片存对象存储，不存数据库。",
    "价格按含税算，别按不含税。",
    "权限就按角色来，不按部门。",
    "网关还是上 gRPC 吧，REST 太慢。",
    "统一走 REST，不搞 gRPC。",
    "测试框架确定用 pytest。",
    "方案定了：服务端渲染。",
    "日期格式定成 ISO 8601。",
    "最终选择了单仓库。",
    "以后发布改成每周一次。",
    "选 B，因为便宜。",
    "Let's not use an ORM here.",
    "Let's pick Svelte for the admin pages.",
    "Let's go for server-side rendering.",
    "We went with Terraform in the end.",
    "We won't support IPv6 in the first release.",
    "Final call: no feature flags.",
    "We're using Avro rather than JSON for events.",
    "Stick to REST, please.",
    "so no UI changes after the 18th, hotfixes only",
    "ok rabbit goes, postgres stays",
    "英文版不写了，只有我们组用",
    "那就建吧，晚上十点以后",
    "mypy 先不上，等接口稳定了再说",
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
    "我们决定用哪个库呢？",
    "用户登录之后，不用再输入密码。",
    "这个函数用完之后，不用再关闭。",
    "测试用例留着，不要删。",
    "把脚本用 Python 重写，不要改接口。",
    "选中这一行，不要删。",
    "他选了三门课，不选体育。",
    "如果失败就用备用地址。",
    "点一下就上传了。",
    "还是上不去。",
    "最后选项卡没有显示。",
    "走廊的灯坏了，不用修。",
    "对于不确定的问题，不要掩饰。",
    "Let's keep working together.",
    "Let's take a break.",
    "Let's go for a walk.",
    "We went with friends to the lake.",
    "We are using the car, not the bus.",
    "礼品架定在几点来着",
    "The build stays red.",
    "Pin the version of the parser in the lock file as agreed.",
    "No errors after the restart.",
    "不知道了",
    "如果不行，就按旧的来",
]


@each("text", [*DECIDED, *NOT_DECIDED])
def test_a_decision_is_a_sentence_that_says_so(text):
    told = decisions_in(f"The build is green. {text}\nThanks.")
    assert told == ([text] if text in DECIDED else [])


@each("text", DECIDED)
def test_every_decision_is_among_those_that_are_looked_up(text):
    assert not terms_in(text).isdisjoint(DECISION_TERMS)


OF_THE_QUEUE = "We decided to use RabbitMQ instead of Redis for the order queue."
NATS = "We decided to use NATS for the events between services."
REPLACED = [
    (OF_THE_QUEUE, "We decided to use Redis for the order queue.", True),
    (OF_THE_QUEUE, "We decided to use Redis for the cache.", False),
    ("We no longer use Redis.", "Let's use Redis.", True),
    ("We switched from npm to pnpm.", "Let's go with npm.", True),
    ("We switched from npm to pnpm.", "We decided to use yarn.", False),
    ("搜索页用 Avro，不用 JSON。", "搜索页用 JSON，不用 XML。", True),
    ("缓存不再用 Redis。", "缓存决定用 Redis。", True),
    ("消息队列从 Redis 换成 Kafka。", "消息队列采用 Redis。", True),
    ("用 Kafka 代替 Redis 做消息队列。", "缓存采用 Redis。", False),
    ("From now on we use RabbitMQ instead of NATS.", NATS, True),
    ("We moved from NATS to RabbitMQ.", NATS, True),
    ("We switched the events to RabbitMQ.", NATS, True),
    ("We switched the mail to RabbitMQ.", NATS, False),
    ("The cache runs on Redis instead of NATS.", NATS, False),
    ("以后用 RabbitMQ，不用 NATS 了。", "我们决定用 NATS 传事件。", True),
    ("NATS 换成 RabbitMQ 了。", "我们决定用 NATS 传事件。", True),
    ("缓存改用 SQLite。", "我们决定缓存用 Redis。", True),
    ("缓存改用 SQLite。", "我们决定队列用 Redis。", False),
    ("消息队列从 Redis 换成 Kafka。", "缓存采用 Redis。", False),
]


@each(("newer", "older", "is_replaced"), REPLACED)
def test_a_decision_replaces_what_it_names_as_no_longer_so(newer, older, is_replaced):
    assert replaces(newer, older) == is_replaced


@each(("part", "least"), [("other_seen", 0.65), ("other_held", 0.55)])
def test_most_decisions_of_somebody_else_are_found_and_little_besides(part, least):
    said = [one for session in labelled_sessions(part) for one in session if one.role is Role.USER]
    found = [one for one in said if decisions_in(one.text)]
    decided = [one for one in said if one.tells == "decision"]
    right = [one for one in found if one.tells == "decision"]
    assert len(right) >= least * len(decided)
    assert len(found) - len(right) <= 0.03 * len(said)
    assert all(not terms_in(one.text).isdisjoint(DECISION_TERMS) for one in found)

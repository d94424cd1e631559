"""Questions are known again by hashes of their words, in either language, and others are not."""

from sage.retrieval.text.word_hashes import is_alike, word_hashes
from tests.support.each import each

KEY = b"0123456789abcdef"
ALIKE = [
    ("Where do herons nest?", "where does the heron have its nest"),
    ("What is the name of the staging host?", "what's our staging host called?"),
    ("How do we deploy to production?", "How is the production deploy done?"),
    ("What did we decide about the retry policy?", "What was decided on retries?"),
    ("Fix the flaky test in the exporter", "the exporter test is flaky again, please fix"),
    ("数据库连接池怎么重启?", "如何重启数据库的连接池?"),
    ("预发环境的主机叫什么名字?", "预发环境主机名是什么?"),
]
OTHERS = [
    ("Where do herons nest?", "What do herons eat in winter?"),
    ("Which port does the pelican service use?", "Who wrote the pelican service?"),
    ("What is the staging host?", "Which version of Python runs on the staging host?"),
    ("缓存服务器是哪一台?", "缓存服务器的内存有多大?"),
    ("预发环境的主机叫什么名字?", "预发环境的密码存在哪里?"),
    ("我对什么食物过敏?", "我喜欢什么食物?"),
    ("", ""),
]


def alike(pair):
    return is_alike(*(word_hashes(one, KEY) for one in pair))


@each("pair", ALIKE)
def test_a_question_in_most_of_its_words_is_known_again(pair):
    assert alike(pair)


@each("pair", OTHERS)
def test_a_question_about_something_beside_it_is_another(pair):
    assert not alike(pair)


def test_hashes_are_of_14_bits_and_of_one_key():
    hashes = word_hashes("Which heron nests by the mill of Kyoto?", KEY)
    assert hashes != word_hashes("Which heron nests by the mill of Kyoto?", b"another key")
    assert all(0 <= one < 1 << 14 for one in hashes)

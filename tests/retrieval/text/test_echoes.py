# ruff: noqa: RUF001 - other scripts are what is tested
from __future__ import annotations

from sage.retrieval.query.same_questions import is_same_question
from sage.retrieval.text import analysis, lexemes
from sage.retrieval.text.duplicates import adds_nothing, only_repeats
from tests.support.each import each


@each(
    ("message", "query"),
    [
        ("Which port does pelican use?", "Which port does pelican use?"),
        ("Which port does pelican use?", "what's the port of pelican"),
        ("Please tell me which port pelican uses.", "Pelican: port?"),
        ("Is pelican on 9443?", "Is pelican on port 9443 now?"),
        ("Understood: on which day do we deploy?", "On which day do we deploy?"),
        ("Which e-mail address has Nora?", "what is Nora's e-mail address"),
        ("Where is Nora's email?", "Where is the e-mail of Nora?"),
        ("Does pelican listen?", "Pelican does not listen, why? Which port has it?"),
        ("仓库扫描枪连的是哪个网关？", "仓库的扫描枪连哪个网关？"),
        ("倉庫掃描槍連的是哪個網關？", "仓库的扫描枪连哪个网关"),
        ("扫描枪端口是多少", "请问扫描枪用的是哪个端口"),
        ("Auf welchem Port läuft pelican?", "welchen Port hat pelican, auf dem es läuft?"),
        ("Quel est le port de pelican ?", "c'est quoi le port de pelican"),
        ("¿Cuál es el puerto de pelican?", "dime el puerto de pelican"),
        ("Какой порт у pelican?", "Скажи, какой порт использует pelican?"),
        ("ペリカンのポートは何番ですか", "ペリカンのポートは何番でしたか"),
    ],
)
def test_a_question_adds_nothing_to_itself_in_other_words(message, query):
    assert adds_nothing(message, query)
    assert only_repeats(message, query)


@each(
    ("message", "query"),
    [
        ("Is pelican on 9443?", "Is pelican on 9444?"),
        ("Is pelican on 9443?", "Is heron on 9443?"),
        ("Is pelican on 9443?", "Which port is pelican on?"),
        ("Isn't pelican on 9443?", "Is pelican on 9443?"),
        ("Is pelican on 9443?", "Isn't pelican on 9443?"),
        ("Where does Will work?", "Where does she work?"),
        ("Which port does pelican use without TLS?", "Which port does pelican use, TLS?"),
        ("端口是9443吗", "端口是9444吗"),
        ("你不是说用9443吗", "端口用9443吗"),
        ("端口没有开吗", "端口开了吗"),
        ("王小明的生日是哪天", "小王的生日是哪天"),
        ("Läuft pelican nicht?", "Läuft pelican?"),
        ("Le port n'est pas ouvert ?", "Le port est ouvert ?"),
        ("Pelican no usa TLS?", "Pelican usa TLS?"),
        ("pelican не работает?", "pelican работает?"),
        ("Which port? " + "pelican " * 300, "Which port does pelican use?"),
    ],
)
def test_another_number_name_or_negation_is_more_than_the_question(message, query):
    assert not adds_nothing(message, query)
    assert not only_repeats(message, query)


def test_each_text_is_cut_once_whatever_it_is_compared_with(monkeypatch):
    cut = []

    def counted(module):
        whole = module.words_of
        monkeypatch.setattr(module, "words_of", lambda text: cut.append(text) or whole(text))

    for module in (analysis, lexemes):
        counted(module)
    query = "On which port does the kestrel of the harbour listen?"
    for number in range(40):
        is_same_question(f"On which port does kestrel {number} of the harbour listen?", query)
    assert len(cut) == 41

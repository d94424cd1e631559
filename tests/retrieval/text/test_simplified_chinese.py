import pytest

from sage.retrieval.text.simplified_chinese import chinese_simplified, simplified


@pytest.mark.parametrize(
    ("text", "one_form"),
    [
        ("預約牙醫", "预约牙医"),
        ("什麼時候開會", "什么时候开会"),
        ("预约牙医", "预约牙医"),
        ("Wi-Fi 壞了", "Wi-Fi 坏了"),
        ("plain", "plain"),
        ("", ""),
    ],
)
def test_both_forms_of_a_chinese_text_become_one(text, one_form):
    assert simplified(text) == chinese_simplified(text) == one_form


def test_what_is_simplified_stays_and_nothing_moves():
    text = "".join(map(chr, range(0x3400, 0xA000)))
    once = simplified(text)
    assert len(once) == len(text)
    assert simplified(once) == once


def test_japanese_keeps_its_characters_for_the_model_of_meaning():
    assert chinese_simplified("電車で行きました") == "電車で行きました"

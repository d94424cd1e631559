# ruff: noqa: RUF001 - Chinese has punctuation of its own
"""What the page says on which users allow or deny an app access, in English and Chinese."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of the page in one language; those with braces take what they name."""

    language: str
    title: str
    asks: str
    name_is_claimed: str
    answer_goes_to: str
    this_machine: str
    this_app: str
    would: str
    reads: str
    writes: str
    token: str
    token_hint: str
    allow: str
    deny: str
    wrong_token: str
    gone_title: str
    gone: str


ENGLISH = Texts(
    language="en",
    title="Allow access to your memories?",
    asks="An app that calls itself {name} asks for access to your memories in Sage.",
    name_is_claimed="Anyone can choose this name. Allow access only if you have just connected the"
    " app yourself.",
    answer_goes_to="Access is given to",
    this_machine="a program on this computer ({host})",
    this_app="an app on this computer that opens {address}",
    would="The app would be able to:",
    reads="search and read your memories",
    writes="save new memories and forget existing ones",
    token="Your Sage token",  # noqa: S106 - the label of a field
    token_hint="The app does not see it. It gets access to the spaces that the token opens, until"  # noqa: S106
    " you revoke it with `sage token revoke`.",
    allow="Allow",
    deny="Deny",
    wrong_token="This token is unknown or has expired.",  # noqa: S106 - a message
    gone_title="This request is no longer valid",
    gone="It was answered, has expired, or a wrong token was entered too often. Return to the app"
    " and connect it again.",
)
CHINESE = Texts(
    language="zh",
    title="允许访问您的记忆吗？",
    asks="一个自称“{name}”的应用请求访问您在 Sage 中的记忆。",
    name_is_claimed="任何人都可以使用这个名称。请仅在您刚刚亲自连接该应用时允许访问。",
    answer_goes_to="访问权限将授予",
    this_machine="本机上的程序（{host}）",
    this_app="本机上打开 {address} 的应用",
    would="该应用将可以：",
    reads="搜索和读取您的记忆",
    writes="保存新的记忆，以及遗忘已有的记忆",
    token="您的 Sage 令牌",  # noqa: S106 - the label of a field
    token_hint="该应用不会看到此令牌。它可以访问此令牌所能打开的空间，"  # noqa: S106
    "直到您用 `sage token revoke` 撤销授权。",
    allow="允许",
    deny="拒绝",
    wrong_token="此令牌无效或已过期。",  # noqa: S106 - a message
    gone_title="此请求已失效",
    gone="该请求已处理、已过期，或输入错误令牌的次数过多。请返回应用重新连接。",
)


def texts_for(accept_language: str) -> Texts:
    """Return the texts in the language that a browser prefers."""
    for entry in accept_language.lower().split(","):
        language = entry.split(";")[0].strip().split("-")[0]
        if language in {"en", "zh"}:
            return CHINESE if language == "zh" else ENGLISH
    return ENGLISH

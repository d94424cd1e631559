"""Find what people say of how an assistant is to work with them: plan, ask, show, admit, choose.

Unlike length and tone these things have no words of their own, so a sentence counts only if it is
lasting, is about the two who talk, and all its words fit any work but for one, or for two where
it says itself how the other one is to behave ("I like it when you"), none of which is a name.
In doubt it stays in the project where it was said.
English and Chinese only.
"""

from __future__ import annotations

import re

from sage.retrieval import manners
from sage.retrieval.stopwords import ENGLISH

_VERBS = """
    invent inventing rename renaming report double recheck research cite compare estimate
    measure demonstrate illustrate sketch highlight ignore hide rely respond reply hallucinate
    cover consider challenge correct correcting interrupt format formatting review reviewing
    approve approval permission sure unsure admit admitting ask asking assume assuming change
    changing check choose citing commit committing confirm copy delete deleting edit editing
    execute explain explaining guess guessing install justify mention overwrite paste pasting
    pick plan praise print propose push quote quoting recap refactor remove repeat repeating
    rewrite show showing skip suggest summarise summarize summarising summarizing verify warn
    changed asked loud aloud
"""
_THINGS = """
    wrong task tasks commits package packages dependency dependencies style raw diagram diagrams
    chart charts bullet bullets caveats estimates complexity effort cases limitation limitations
    progress status flattery jargon action advice alternative alternatives answers approach
    approaches assumption assumptions attempt background caveat choice choices code command
    commands comment comments conclusion confidence context detail details diff diffs doubts
    edits evidence example examples explanation explanations guesses headline idea ideas
    intention link links mistake mistakes number numbers opinion opinions option options outline
    output overview paragraph paragraphs plans pros cons question questions reasoning reasons
    recommendation recommendations reference references reply replies response responses result
    results risk risks sentence sentences snippet snippets source sources step steps summary
    table tables test tests tradeoff tradeoffs uncertainty uncertain confident
"""
_COMMON = """
    along way tried trying top put ever idea bit kind kinds case new old open hand hands answer
    anything begin continue decide did doubt end everything fact facts file files finish fix
    gave give giving hear include invent keep keeping learn leave limits line lines list look
    made make making need next nothing offer part parts point ran read reading reason run
    running said side sides something start starting stop talk telling thank thanking thing
    things think thinking thought thoughts time times told touch touching try understand use
    wait walk word words work working write writing wrote see
"""
"""Said of anything else as well: a sentence needs another word of work besides."""
_TRAITS = """
    always around away back bad better big blindly brief briefly certain clear clearly complete
    concrete confidently different direct directly easy enough entire exact exactly explicit
    explicitly fast first full good hard honest honestly instead last least less long longer
    never one out own plain plainly precise precisely quick quickly quietly rather real second
    short shorter silently simple single slow slowly small smaller straight sure two three
    upfront usually vague whole without generally whenever everytime prefer review hate love
    enjoy dislike appreciate want ahead else well even yourself
"""
_NOT_GENERAL = (manners.OF_ONE_ANSWER - {"it"}) | manners.OTHERS | {"here", "us"}
_OF_ANY_WORK = frozenset(f"{_VERBS} {_THINGS}".split())
_ALSO_GENERAL = manners.OF_WORK | manners.MANNERS | manners.WIDE_MANNERS | manners.ANSWERS
GENERAL = (ENGLISH - _NOT_GENERAL).union(
    _OF_ANY_WORK, _ALSO_GENERAL, f"{_COMMON} {_TRAITS}".split()
)

_LIKES = r"(?:prefer|like|love|enjoy|hate|dislike|appreciate|cant stand)"
_OFTEN = r"(?:always|never|usually|generally)"
_LASTS = re.compile(
    rf"\b(?:{_OFTEN}|whenever|everytime)\b"
    rf"|\bi (?:(?:dont|really|much|also|just|do) )*{_LIKES} "
    r"(?!(?:your|the|this|that|what|how|where|which|it(?! (?:when|if)))\b)"
    r"|\bi prefer that you\b|\bi (?:like|prefer) to be (?:asked|told|shown)\b"
    r"|\b(?:dont|do not) ever\b"
    r"|\b(?:when|if|where) you(?: are|re)? "
    r"(?:unsure|uncertain|not sure|dont know|do not know|have doubts)\b"
    r"|\bbefore you .*\banything\b|\bwithout asking\b|^stop \w+ing\b"
)
_OF_YOU = re.compile(
    rf"\bi (?:\w+ )?{_LIKES} (?:it (?:when|if)|when|that) you\b|\b(?:asking|telling) me\b"
    rf"|\bi {_OFTEN} want you to\b|\bi (?:\w+ )?{_LIKES} to be (?:asked|told|shown)\b"
)
"""Says how the other one is to behave."""
_UNKNOWN = 1
_UNKNOWN_OF_YOU = 2
_UNKNOWN_CHARACTERS = 2
"""In Chinese, where most words have two; not the first, who may be somebody else."""
_BETWEEN_TWO = re.compile(
    rf"\b(?:you|your|youre|me|asking)\b|\bi {_OFTEN} (?:want|need|like|prefer)\b"
    r"|\b(?:like|love|prefer) to (?:see|know|hear|review|read)\b(?!.*\bthe\b)"
)
_ONCE = re.compile(
    r"\b(?:done|finished|ready|(?:are|re|am) back|again)\b"
    r"|^you (?:(?:can|may|could|should|will) )?(?:always|never)"
    r"|^i (?:always|never) (?:(?!need\b)\w+ed|told|said|gave|made|did|was|were|had)\b"
    r"|^(?:have|do|did|are|is|was|will) "
)
_TO_FRIENDS = re.compile(
    r"\b(?:love|hate|like|miss|enjoy) you\b|\b(?:think|talk|hear|know)\w* (?:of|about|from) you\b"
    r"|\b(?:with|there for) you\b"
)

_CHINESE_WORK = """
    自作主张 擅自 乱改 瞎改 偷懒 敷衍 跳过 省略 不懂 拿不准 不清楚 小步 小改动 核对 检查 复查
    验证 比较 对比 估计 估算 画图 图表 截图 依赖 格式 重命名 改名 进度 局限 影响 纠正 反驳
    要点式 不确定 没把握 为什么 优缺点 一步一步 写代码 说不知道 哪些 讲清楚 说明 说出 告诉 询问
    问 解释 列出 给出 展示 贴出 标明 标出 注明 附上 指出 提醒 承认 运行 执行 命令 修改 改动 改完
    动手 删除 删 覆盖 提交 推送 安装 猜测 瞎猜 乱猜 猜 编造 假设 复述 重复 总结 概括 夸 道歉
    方案 思路 计划 步骤 原因 理由 依据 结论 过程 要点 重点 例子 选项 选择 备选 参考 链接 来源
    出处 答案 回答 回复 建议 意见 风险 差异 代码 注释 测试 确认 推理 改之前
"""
_CHINESE_COMMON = """
    总 加 长篇 才 再次 必要 另外 单独 每 分别 每个 遇到 从 一般 不问 所 以及 图 名 新 旧 为 任务
    大 小 指 关键 真正 这么 一定 不知道 有几个 怎么 什么 之前 之后 以前 以后 今后 然后 最后 首先
    时候 的话 自己 直接 清楚 明确 确定 肯定 可能 可以 应该 需要 必须 不要 不用 没有 其他 别的
    所有 任何 全部 完整 具体 简单 简短 详细 含糊 总是 总想 一直 始终 一向 从来 从不 每次 每一步
    永远 一律 务必 尽量 最好 喜欢 讨厌 习惯 偏好 希望 更 请 想 知道 看到 看看 看 说 讲 列 给 贴
    跑 改 开始 写 读 编 结果 选 问题 想法 把握 错误 错 文件 表格 列表 文字 段落 需求 东西 事情
    事 地方 内容 一下 一个 一次 一遍 两个 几个 多个 三个 一步 一点 一句 几步 哪里 我 你 的 了 得
    地 着 过 是 在 有 就 都 也 还 再 先 后 前 和 或 要 会 能 不 没 别 把 让 对 跟 用 只 很 比 最
    太 多 少 点 下 次 时 完 到 好 上 来 去 里 出 而 但 又 并 做 等 同意 思考
"""
_CHINESE_WORD = re.compile(
    "|".join(sorted(f"{_CHINESE_WORK} {_CHINESE_COMMON}".split(), key=len, reverse=True))
    + r"|[\W\d_]+"
)
_CHINESE_LASTS = re.compile(
    r"总[是想]|一直|始终|一向|从来|从不|每次|每一步|永远|一律|以后|今后|习惯|我一般|更希望"
    r"|(?:我|更|不)(?:喜欢|偏好|讨厌)(?![这那]|你的|你(?!说)[^我]{1,3}的\w{0,4}\W*$)"
    r"|(?:不确定|没把握|不知道|不懂|不清楚|拿不准)(?:时|的|就|的时候)"
)
_CHINESE_BETWEEN_TWO = re.compile(
    r"你|(?:问|告诉|给|提醒)我|我.*先.+再|(?:想先?|喜欢|习惯)(?:看|知道|了解|听)"
    r"|看(?:到|结论|方案|思路)|一步一步|不问|每一步|(?:征求|经过|得到)我|擅自|自作主张"
    r"|[瞎乱][猜改]|编造|敷衍"
    r"|^(?:请|以后|今后|每次|永远|一律|务必)(?!我|的).*(?:说明|解释|给出|列出|总结|回答|复述|标明"
    r"|注明|附上|指出)"
)
_CHINESE_ONCE = re.compile(
    r"[我你].*(?:过了|来过)|以后再|^你(?:总|从来|一直|每次|都)|[想爱]你|一直(?:想(?!看|知道)|在)"
    r"|喜欢你\W*$|和你|跟你|问你"
)

_NAMED = re.compile(
    "[A-Za-z]|" + "|".join((*manners.CHINESE_OF_A_PROJECT, *manners.CHINESE_OF_ONE_ANSWER))
)

_LASTING = """
    always never prefer like love enjoy hate dislike appreciate usually generally whenever time
    unsure uncertain sure know doubts anything ever stop without stand now future forward 总是
    总想 一直 始终 一向 从来 从不 每次 每一 一般 希望 永远 一律 以后 今后 习惯 喜欢 偏好 讨厌
    确定 把握 知道 不懂 清楚 不准
"""
_TWO = """
    擅自 自作 瞎猜 乱猜 瞎改 乱改 编造 敷衍 求我 you your you're me asking want need 你 问我
    告诉 给我 提醒 先看 先讲 先说 先给 先写 先问 看到 请 每次 总想 解释 说明 永远 一律 务必 以后
    今后 看结 看方 看思 想看 想知 想了 想听 一步 不问 想先 欢看 惯看
"""
WORKING_TERMS = (*sorted(_OF_ANY_WORK), *_CHINESE_WORK.split())
LASTING_TERMS = tuple(_LASTING.split())
BETWEEN_TWO_TERMS = tuple(_TWO.split())


def says_how_to_work(words: list[str]) -> bool:
    """Return whether English words say how to work with their author always."""
    plain = [word.replace("'", "").casefold() for word in words]
    text = " ".join(plain)
    unknown = [word for word in plain if word not in GENERAL]
    is_named = any(word[0].isupper() and word.casefold() in unknown for word in words)
    if is_named or len(unknown) > (_UNKNOWN_OF_YOU if _OF_YOU.search(text) else _UNKNOWN):
        return False
    if not manners.OF_A_PROJECT.union(_NOT_GENERAL).isdisjoint(unknown):
        return False
    named = [f"the {one}" for one in manners.OF_WORK.intersection(plain).union(unknown)]
    if any(one in text for one in (*named, *(f"my {one}" for one in unknown))):
        return False
    if _ONCE.search(text) or _TO_FRIENDS.search(text):
        return False
    lasts = bool(_LASTS.search(text)) and bool(_BETWEEN_TWO.search(text))
    return lasts and not _OF_ANY_WORK.isdisjoint(plain)


def says_how_to_work_in_chinese(text: str) -> bool:
    """Return whether a sentence in simplified Chinese says how to work with its author always."""
    lasts = _CHINESE_LASTS.search(text) and _CHINESE_BETWEEN_TWO.search(text)
    is_of_work = any(word in text for word in _CHINESE_WORK.split())
    is_once = bool(_CHINESE_ONCE.search(text))
    begins = _CHINESE_WORD.match(text)
    unknown = len(_CHINESE_WORD.sub("", text))
    is_general = bool(begins) and unknown <= _UNKNOWN_CHARACTERS and not _NAMED.search(text)
    return bool(lasts) and is_of_work and not is_once and is_general

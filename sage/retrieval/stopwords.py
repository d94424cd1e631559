"""Words that carry no topic, as questions in English and Chinese use them.

They are indexed like all others; a question drops them as long as something else is left.
"""

from __future__ import annotations

ENGLISH = frozenset(
    """
    a about after again all also am an and any are arent as ask at be because been before being
    between both but by can cant could couldnt did didnt do does doesnt doing dont done down during
    each ever every few for from further get gets getting give go goes going gone got had hadnt has
    hasnt have havent having he her here hers herself hi him himself his how i id if ill im in into
    is isnt it its itself ive just know let like many may me might more most much must my myself no
    nor not now of off ok on once one only or other our ours out over own please remind
    recall remember said same say says shall she should shouldnt so some such tell than that thats
    the their theirs them themselves then there theres these they theyre this those through to too
    under until up us very want was wasnt we were werent weve what whats when where which while who
    whom whose why will with wont would wouldnt yes yet you your youre yours yourself youve
    """.split()  # noqa: SIM905 - a list of words reads best as words
)
CHINESE = frozenset(
    """
    什么 哪些 哪个 哪里 哪儿 哪位 哪两 哪几 怎么 怎样 如何 为何 为什 多少 几个 几次 是否 是不 不是
    谁的 是什 是哪 是谁 了什 了哪 的是 有什 有哪 我们 你们 他们 她们 它们 咱们 自己 这个 那个 这些
    那些 这里 那里 这样 那样 一个 一些 一下 一次 请问 告诉 知道 记得 说过 提到 还是 就是 但是 因为
    所以 如果 可以 我的 你的 他的 她的 它的 我在 你在 我了 给我 和我 跟我 对我 我对 对吗 时候 关于
    以及 或者 而且 然后
    """.split()  # noqa: SIM905 - a list of words reads best as words
)
CHINESE_PARTICLES = frozenset("的了吗呢吧啊呀嘛么着哦嗯")

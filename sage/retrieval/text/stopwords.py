"""Stop words, question words and negations.

Stop words of English and Chinese are indexed like all others; a question drops them if something
else is left. Question words and negations are those of many languages, folded as `words.words_of`
folds them: lower case, no accents, no apostrophes.
"""

from __future__ import annotations

import re

ENGLISH_STOPWORDS = frozenset(
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
CHINESE_STOPWORDS = frozenset(
    """
    什么 哪些 哪个 哪里 哪儿 哪位 哪两 哪几 怎么 怎样 如何 为何 为什 多少 几个 几次 是否 是不 不是
    谁的 是什 是哪 是谁 了什 了哪 的是 有什 有哪 我们 你们 他们 她们 它们 咱们 自己 这个 那个 这些
    那些 这里 那里 这样 那样 一个 一些 一下 一次 请问 告诉 知道 记得 说过 提到 还是 就是 但是 因为
    所以 如果 可以 我的 你的 他的 她的 它的 我在 你在 我了 给我 和我 跟我 对我 我对 对吗 时候 关于
    以及 或者 而且 然后
    """.split()  # noqa: SIM905 - a list of words reads best as words
)
CHINESE_PARTICLES = frozenset("的了吗呢吧啊呀嘛么着哦嗯")

NEGATIONS = frozenset(
    """
    no not never none nor neither nothing nobody nowhere without cannot cant couldnt didnt doesnt
    dont hadnt hasnt havent isnt arent mightnt mustnt neednt shouldnt wasnt werent wont wouldnt aint
    nicht nichts nie niemals niemand kein keine keinen keinem keiner keines ohne weder
    ne pas jamais sans aucun aucune rien ni nunca sin ningun ninguna ningunos nada tampoco
    non mai senza nessun nessuno nessuna niente nao sem nenhum nenhuma
    не нет ни никогда ничего никто без нельзя
    """.split()  # noqa: SIM905 - a list of words reads best as words
)
QUESTION_WORDS = (
    ENGLISH_STOPWORDS
    | frozenset(
        """
        hello hey thanks thank kindly question questions wonder wondering curious actually exactly
        currently still maybe perhaps whats wheres whos whens hows find search look check use uses
        used using able need help show explain
        understood noted okay sure right

        der die das den dem des ein eine einen einem einer und oder ist sind waren wird werden
        haben hatte auf in im am an zu zum zur von vom mit fur bei aus uber nach wie was wer wo
        wann warum wieso weshalb welche welcher welches welchen welchem wohin woher wieviel denn
        doch mal noch bitte sag mir uns ich du wir ihr sie es er kannst konntest weisst
        wissen benutzt verwendet

        le la les un une des du de et ou est sont etait a au aux en dans sur par avec ce cette
        ces que qui quoi quel quelle quels quelles ou quand comment pourquoi combien estce quest il
        elle on nous vous ils elles je tu me te se mon mes ton ta tes notre nos votre vos sa
        ses dis dismoi moi peux pouvez peuxtu pouvezvous sil plait svp stp sais savez utilise

        el los las una unos unas del al y o es era fue esta estan ha han en por para como
        cual cuales quien quienes donde cuando cuanto cuantos cuanta cuantas lo mi mis tu tus su sus
        nuestro nuestra me nos dime puedes podrias sabes favor usa utiliza

        il lo gli i uno di da dal della dello dei degli nel nella che chi cosa quale quali
        quando perche quanto quanti quanta quante e sono era ha hanno mi ti ci dimmi puoi
        sai usa

        os as um uma uns umas do dos das no na nos nas que quem qual quais onde como quanto quantos
        quanta quantas sao foi tem com por para pelo pela meu minha nosso nossa voce pode sabe diga
        """.split()  # noqa: SIM905 - a list of words reads best as words
    )
    | frozenset(
        """
        и или а но в во на с со у к ко о об от до из за по для это эта этот эти как что кто где
        когда почему зачем сколько какой какая какое какие каком какую какого куда откуда чей ли
        был была было были есть мы вы я ты он она они оно мне нам наш наша нашем скажи скажите
        подскажи пожалуйста знаешь использует
        """.split()  # noqa: SIM905, RUF001 - as above, in Russian
    )
) - NEGATIONS

_CHINESE_PHRASES = (
    *("是不是", "有没有", "能不能", "会不会", "要不要", "可不可以", "行不行", "对不对", "好不好"),
    *("是什么时候", "什么时候", "什么", "为什么", "怎么样", "怎么", "怎样", "如何", "为何"),
    *("哪一个", "哪个", "哪些", "哪里", "哪儿", "哪位", "哪", "谁", "多少", "几", "是否", "多久"),
    *("请问", "请", "告诉", "能否", "可以", "麻烦", "帮我", "帮忙", "一下", "知道", "记得", "还"),
    *("我们", "你们", "他们", "我", "你", "您", "咱们", "到底", "究竟", "目前", "现在", "来着"),
    *("使用", "用的", "啥", "咋", "明白", "好的", "收到", "了解", "说过", "提到"),
    *("的", "了", "吗", "呢", "吧", "啊", "呀", "嘛", "么", "哦", "嗯", "是", "在", "个"),
)
_JAPANESE_PHRASES = (
    *("でしょうか", "ましたか", "ですか", "ますか", "でしたか", "です", "ます", "教えてください"),
    *("教えて", "ください", "下さい", "何", "どの", "どこ", "どれ", "いつ", "誰", "だれ", "なぜ"),
)
_JAPANESE_PARTICLE = r"(?<=[\u4e00-\u9fff\u30a1-\u30fc々])[はがをにでのともへ]"
_KOREAN_PHRASES = (
    *("무엇", "무슨", "어디", "언제", "누구", "어떤", "어느", "왜", "어떻게", "인가요", "입니까"),
    *("알려줘", "알려주세요", "뭐야", "뭐예요", "인가", "뭐"),
)
UNSPACED_QUESTION_WORDS = re.compile(
    "|".join(
        [
            *sorted((*_CHINESE_PHRASES, *_JAPANESE_PHRASES, *_KOREAN_PHRASES), key=len)[::-1],
            _JAPANESE_PARTICLE,
            r"([\u4e00-\u9fff])[不没]\1",
        ]
    )
)
"""Words without content in a run of Chinese, Japanese or Korean."""

UNSPACED_NEGATION = re.compile(
    r"不(?![过错少久])|没|未(?!来)|勿|无(?![论线锡])|(?<![特区类级性分个])别(?![的人名墅])|非(?!常)"
    r"|ない|ません|なく|없|않|못|안(?= |$)|아니|ไม่"
)

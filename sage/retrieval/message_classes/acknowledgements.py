"""Recognize messages that only acknowledge: "Noted.", "ok, thanks", 好的."""

from __future__ import annotations

import re

from sage.retrieval.text.scripts import is_unspaced
from sage.retrieval.text.sentences import first_word_of

_MAX_CHARS = 160
_MAX_WORDS_OF_A_CHECK = 2

_PHRASES = """
    ok, okay, okey, k, kk, yes, yep, yeah, yup, no, nope, sure, sure thing, right, fine, great, good
    nice, cool, perfect, excellent, awesome, wonderful, brilliant, amazing, lovely, super, alright
    all right, indeed, exactly, correct, absolutely, definitely, certainly, of course, noted, saved
    understood, acknowledged, done, pushed, committed, merged, deployed, fixed, updated, deleted
    got it, roger, roger that, i see, ah, oh, hm, hmm, wow, so, then
    thanks, thank you, thx, ty, cheers, many thanks, so much, very much, a lot, a million, again
    for that, for this, for it, for everything, for the help, for your help, for the update
    for the info, for the information, for the heads-up, for the clarification, for the reminder
    for the correction, for the details, for letting me know, for sharing, for sharing that
    for telling me, for clarifying, for confirming, for correcting me, you're right, you are right
    corrected, my mistake, my bad, my apologies, apologies, i apologize, sorry, sorry about that
    i stand corrected, i've corrected that, i've corrected it, i have corrected that
    for the confusion, for the mistake, for the mix-up, about that, you're welcome, you are welcome
    welcome, you're very welcome, you're most welcome, my pleasure, no problem, no problem at all
    no worries, no worries at all, anytime, any time, don't mention it, glad i could help
    glad to help, glad that helps, glad it helped, glad it worked, happy to help, here to help
    i'm here to help, sounds good, sounds great, sounds perfect, that sounds good, that sounds great
    looks good, looks great, that looks good, to me, that works, that worked, works for me
    that's all, that's it, that's great, that's good, that's fine, that's perfect, that's awesome
    that's right, that's correct, that is correct, that is right, it works, it's fine, it's ok
    it's okay, for today, for now, makes sense, that makes sense, fair enough, good to know
    good job, good work, good point, good idea, good call, nice work, nice one, nice job, well done
    very well done, all good, lgtm, will do, keep it up, i understand, i agree, agreed, go ahead
    to you too, you too, i'll remember, i'll remember that, i'll remember this, i'll remember it
    i will remember that, i will remember this, i will remember it, i'll note that, i'll note it
    i'll save that, i'll save this, i'll do that, i will do that, i'll keep that in mind
    i'll keep this in mind, i'll keep it in mind, i will keep that in mind, i will keep this in mind
    i'll bear that in mind, for the future, for future conversations, for future reference
    for next time, for later, for future sessions, going forward, i've noted that, i've noted it
    i've noted this, i have noted that, i have noted it, i've saved that, i've saved this
    i've saved it, i have saved that, i have saved this, i have saved it, i've recorded that
    i have recorded that, i've stored that, i've stored it, i have stored that
    i've made a note of it, i've made a note of that, i have made a note of it
    i have made a note of that, to memory, to the memory, in memory, in the memory, to my memory
    saved to memory, stored, recorded, it is, that's noted, it's noted, it's saved, that is saved
    i've updated my memory, memory updated, let me know if you need anything else
    let me know if you need anything, let me know, let me know if there's anything else
    let me know if you have questions, let me know if you have any questions, feel free to ask
    is there anything else, hi, hi there, hello, hello there, hey, hey there, good morning
    good evening, good afternoon, good night, bye, bye bye, goodbye, see you, see you later
    see you tomorrow, see you soon, take care, have a good day, have a nice day, have a great day
    have a good evening, have a nice weekend, congrats, congratulations, how can i help you today
    how may i help you, how can i assist you, how can i assist you today, what can i do for you
    what can i do for you today, what would you like to do, what would you like to work on
    what would you like to work on today, today
    haha, hahaha, ha, hah, heh, hehe, lol, phew, whew, ouch, yay, yikes, whoa, hooray, ta, k thx
    fair, great work, great choice, good choice, wise choice, great idea, good decision, love it
    i love it, clear, all clear, better, much better, nice nice, sounds interesting, sounds fun
    sounds fair, sounds right, good to hear, great to hear, glad to hear it, that explains it
    that explains a lot, for explaining, for checking, for looking, have fun, good luck
    have a good trip, great news, that's great news, good news, ok great, very nice, much obliged
    excellent choice, perfect choice, i hear you, sounds like a plan, of course not, fine by me
    fine with me, and, but yes, you, for the quick reply, a bunch, thankfully, finally, at last

    ja, nein, jawohl, jo, genau, gut, prima, klasse, toll, passt, passt so, stimmt, richtig, klar
    alles klar, verstanden, notiert, ist notiert, ist gespeichert, gespeichert, erledigt, na gut
    in ordnung, danke, danke dir, danke ihnen, danke schön, danke sehr, vielen dank, herzlichen dank
    besten dank, tausend dank, gern, gerne, gern geschehen, gerne geschehen, bitte, bitte sehr
    bitte schön, kein problem, klingt gut, ich merke mir das, ich merke es mir, das merke ich mir
    ich merk mir das, hallo, moin, servus, guten morgen, guten tag, guten abend, tschüss, ciao
    immerhin, na, passt schon, perfekt, wunderbar, spitze, super, mach ich, mache ich, schön
    gut gemacht, klingt schön, korrigiert, gestrichen, eingetragen, danke für die korrektur, okay
    danke für die info, danke für den hinweis, ach so, na dann, wird gemacht, sehr schön, ok
    bis dann, bis morgen, bis bald, gute nacht, sehr gut, verstehe, ich verstehe

    oui, non, d'accord, entendu, parfait, génial, bien, très bien, bien reçu, compris, noté
    c'est noté, c'est bon, c'est compris, c'est parfait, j'ai noté, j'ai compris, ça marche, merci
    merci beaucoup, merci bien, merci à toi, merci à vous, de rien, avec plaisir
    nickel, top, impec, ah, mieux, super, ok, ça roule, c'est mieux, merci à tous, oui merci
    entendu
    bonne idée, c'est corrigé, corrigé, d'acc, je m'en souviendrai, je le note, je note, bonjour
    salut, bonsoir, bonne nuit, bonne journée
    au revoir, à demain, à bientôt

    sí, si, vale, genial, perfecto, entendido, de acuerdo, claro, anotado, guardado, listo, muy bien
    gracias, muchas gracias, mil gracias, de nada, un placer, con gusto, lo recordaré, corregido
    apuntado, hecho, estupendo, claro que sí, buena idea, mejor, ok, okay
    lo tendré en cuenta, hola, buenos días, buenas tardes, buenas noches, adiós, hasta luego
    hasta mañana, tomo nota

    grazie, grazie mille, prego, va bene, perfetto, capito, certo, bene, buongiorno, sì, obrigado
    obrigada, muito obrigado, muito obrigada, tá bom, está bem, beleza, entendi, perfeito, ótimo
    olá, oi, sim, não, bom dia, boa tarde, boa noite

    да, нет, ок, окей, хорошо, понятно, понял, поняла, ясно, отлично, супер, ладно, принято, записал
    записала, запомнил, запомнила, спасибо, спасибо большое, большое спасибо, благодарю, пожалуйста
    не за что, привет, здравствуйте, добрый день, доброе утро, добрый вечер, пока, до свидания
    договорились, сделано
"""

_UNSPACED = re.compile(
    r"(?!(?:提交|推送|部署|合并|删除|更新|修复|发送|保存)吧|[^\d是]*+是\s*\d)(?:好+(?:的|嘞|吧|啊|呀)?|好嘞|好哒"
    r"|好滴|好吧|好啊|好呀|行|行吧|可以|可以的|对|对的|是|是的"
    r"|是?我(?:记|弄|搞|说)错了?|抱歉|对不起|不好意思|(?:你|您)说(?:得|的)对|已?经?(?:更正|纠正"
    r"|改正)"
    r"|没错|嗯+|哦+|噢|没问题|没事|没关系|收到"
    r"|明白|了解|知道|懂|清楚|已?(?:记录|保存|记住|记下|提交|推送|完成|修复|更新|删除|合并|部署"
    r"|发送)|(?:我|我会|我已经?)?(?:都)?(?:记住"
    r"|记下来?|记录|明白"
    r"|知道|了解)(?:这一?点)?|我?会(?:记住|注意|记得|记下)(?:这一?点|的|这个)?|(?:非常|十分"
    r"|太)?(?:感谢|谢谢|多谢)"
    r"|你|您|啦|告诉我|你告诉我|您告诉我|的(?:帮助|分享|提醒)|不客气|不用谢|不错|别客气|辛苦|太好"
    r"|很好|太棒|真棒"
    r"|棒|厉害|赞|你好|您好|大家好|再见|拜拜|晚安|早安?|早上好|晚上好|随时(?:找|问|叫)我"
    r"|有什么(?:可以|能)帮"
    r"(?:你|您|到你|助你)的?吗?|很高兴能?(?:帮到|帮助)(?:你|您)|就这样|了|的|哈+|吧|好(?:主意"
    r"|消息|决定|想法|选择|建议)|这还差不多|有道理|没毛病|漂亮|完美|妥|得嘞|加油"
    r"|原来(?:如此|是这样)|懂|很重要|这样啊|好多|舒服|牛|那就好|好吃|爱了|[一二两三四五六几]条都?"
    r"|我?都"
    r"|(?:订|改|弄|搞|办|修)好|啦|真|呀|哇|嗐|唉|嘿+|ok|OK|Ok"
    r"|(?:訂正|修正|ご指摘|ご連絡|お返事|教えてくれて)?ありがとう(?:ございます|ございました)?"
    r"|承知です|かしこまりました|そうします|わかった|オッケー|了解です|助か(?:る|りました)"
    r"|楽しそう(?:ですね)?|ね|いいよ"
    r"|はい|いいえ|了解(?:です|しました|いたしました)?|承知(?:しました|いたしました)|わかりました"
    r"|分かりました"
    r"|(?:どうも)?ありがとう(?:ございます|ございました)?|どういたしまして|なるほど|いいですね"
    r"|完璧です|お疲れ様(?:です"
    r"|でした)?|こんにちは|おはよう(?:ございます)?|こんばんは|覚えておきます|メモしました"
    r"|大丈夫です|うん"
    r"|네+|예|아니요|알겠습니다|알겠어요|알았어요?|감사합니다|고마워요?|고맙습니다|좋아요?"
    r"|좋습니다|확인했습니다"
    r"|기억하겠습니다|안녕하세요|천만에요|수고하셨습니다|응|[\W\d_])*+"
)
_WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")


def _phrases_by_first_word() -> dict[str, list[list[str]]]:
    by_first: dict[str, list[list[str]]] = {}
    for phrase in re.split(r"[,\n]+", _PHRASES):
        if words := phrase.split():
            by_first.setdefault(words[0], []).append(words)
    for phrases in by_first.values():
        phrases.sort(key=len, reverse=True)
    return by_first


_BY_FIRST_WORD = _phrases_by_first_word()

_POLAR = frozenset(
    """
    yes yep yeah yup no nope correct exactly right indeed absolutely definitely certainly done
    pushed committed merged deployed fixed updated deleted
    ja nein jawohl jo genau stimmt richtig oui non sí si claro sì certo sim não да нет
    """.split()  # noqa: SIM905 - a list of words reads best as words
)

_HEAD = re.compile(r"[^,.!:;—，。！：；\n]{1,40}(?=[,.!:;—，。！：；])")  # noqa: RUF001 - CJK marks
_NOTES = re.compile(
    r"\b(?:noted|note that|remember|remembered|recorded|memory|merk\w*|notiert|vermerkt|noté|retenu"
    r"|anotado|recordaré|annotato|anotei|запомнил\w*|записал\w*)\b"
    r"|记住|记下|记录|记得|覚えて|メモし|기억",
    re.IGNORECASE,
)
_UNSPACED_POLAR = ("已", "是", "对", "没错", "不是", "没有", "はい", "いいえ", "네", "예", "아니")


def only_acknowledges(text: str) -> bool:
    """Return whether a text only acknowledges or greets."""
    if len(text) > _MAX_CHARS:
        return False
    first = first_word_of(text)
    if first not in _BY_FIRST_WORD:
        if is_unspaced(text):
            return _UNSPACED.fullmatch(text) is not None
        return not first or text.strip() == "+1"
    words = _WORD.findall(text.lower())
    if len(words) <= _MAX_WORDS_OF_A_CHECK and text.rstrip().endswith("?"):
        return False
    at = 0
    while at < len(words):
        for phrase in _BY_FIRST_WORD.get(words[at], ()):
            if words[at : at + len(phrase)] == phrase:
                at += len(phrase)
                break
        else:
            return False
    return True


def notes(text: str) -> bool:
    """Return whether a text only promises to remember something."""
    return _NOTES.search(text) is not None and only_acknowledges(text)


def begins_acknowledging(text: str) -> bool:
    """Return whether the text before the first comma or full stop acknowledges."""
    head = _HEAD.match(text)
    return head is not None and only_acknowledges(head.group())


def is_yes_or_no(text: str) -> bool:
    """Return whether a text that only acknowledges begins with yes or no."""
    first = first_word_of(text)
    return first in _POLAR or first.startswith(_UNSPACED_POLAR)

"""Find the rules for how an assistant behaves in German, French, Spanish and Japanese.

Only short ways to say so that mean nothing else; longer wishes are found by their words.
"""

from __future__ import annotations

import re

_BEHAVES = re.compile(
    # German
    r"(?:du kannst mich |bitte )?duz(?:e|t|en)? (?:mich|uns|wir uns)\b|siez(?:e|en)? (?:mich"
    r"|sie mich)\b"
    r"|(?:bitte )?(?:keine?n?|ohne|weniger) (?:anglizismen|floskeln|fachjargon|fachbegriffe"
    r"|fremdwörter|füllwörter"
    r"|emojis|smileys|aufzählungen|ausrufezeichen)\b|fass dich\b"
    r"|red(?:e)? nicht so (?:geschwollen|gestelzt)"
    r"|komm (?:gleich |direkt |bitte )?(?:zum punkt|zur sache)|sei (?:ruhig )?(?:ehrlich|direkt"
    r"|knapp|streng)(?:er)?\b"
    r"|(?:bitte )?(?:immer )?(?:frag|sag)(?:e)? (?:mich |mir )?(?:bitte |immer |erst "
    r"|vorher )*(?:nach|bescheid)?,? ?"
    r"(?:immer )?bevor du\b|nie(?:mals)? (?:etwas|was) \w+ ohne (?:mich )?zu fragen"
    r"|(?:bitte )?(?:schreib|antworte|erklär|rede?|sprich)e? (?:mir |mit mir )?(?:bitte |alles "
    r"|immer )*(?:in|auf)"
    r" (?:einfacher sprache|leichter sprache|\w+deutsch|deutsch|englisch|dialekt)"
    r"|(?:bitte )?wiederhol(?:e)? (?:nicht )?(?:meine frage|dich)|rate nicht\b"
    # French
    r"|(?:fais|sois|reste) (?:plus )?(?:court|bref|brève|direct|directe|concis|concise)\b"
    r"|va (?:droit |directement )?au"
    r" (?:but|fait)|(?:tutoie|tutoyez|vouvoie|vouvoyez)-moi|pas (?:de |d'|trop de )(?:emojis?"
    r"|émojis?|jargon|blabla"
    r"|anglicismes|flatteries?|formules de politesse)"
    r"|explique(?:z)?(?:-moi)? (?:toujours )?(?:le )?pourquoi\b"
    r"|(?:donne|donnez|mets|écris)(?:-moi)? (?:toujours )?les (?:prix|montants|distances|poids"
    r"|dates) en \w+"
    r"|ne (?:me )?(?:répète|répétez|mets|mettez|fais|flatte)s? (?:pas|plus|jamais) (?:ma question"
    r"|de liens|d'emojis?|d'excuses)"
    r"|(?:demande|dis|préviens)-?(?:le-)?moi (?:toujours )?avant de\b|corrige mais n'embellis pas"
    # Spanish
    r"|(?:ve|vamos|vete) (?:directo )?al grano|sé (?:más )?(?:breve|directo|directa|conciso|claro"
    r"|sincero)\b"
    r"|no me des más de \w+ opciones|no (?:me )?repitas (?:mi|la) pregunta|(?:háblame"
    r"|trátame) de (?:tú|usted)"
    r"|(?:respóndeme|contéstame|háblame|escríbeme) (?:siempre |solo )?en \w+"
    r"|prefiero que me corrijas"
    r"|usa siempre el sistema métrico|(?:sin|nada de) (?:rodeos|emojis|emoticonos|jerga"
    r"|tecnicismos|halagos)\b"
    r"|pregúntame (?:siempre )?antes de\b|no (?:adivines|inventes)\b(?! (?:el|la|los|las)\b)",
    re.IGNORECASE,
)
_BEHAVES_IN_JAPANESE = re.compile(
    r"(?:絵文字|顔文字|箇条書き|専門用語|敬語|お世辞|前置き|言い訳|太字|謝罪)(?:は|を"
    r"|も)?(?:もう)?(?:一切)?"
    r"(?:使わない|いらない|要らない|やめて|なし|禁止|避けて|省いて|不要)"
    r"|結論から(?:先に)?(?:書|言|話|述べ)|(?:返事|返信|回答|答え|説明)は(?:もっと|なるべく"
    r"|いつも)?(?:短く|簡潔に|手短に|一行)"
    r"|(?:もっと|なるべく|いつも|常に)(?:短く|簡潔に|手短に|はっきり)(?:答え|返し|書い|言っ|説明)"
    r"|(?:分から|わから|自信が)ない(?:とき|時|場合)(?:は|に).{0,12}(?:聞いて|言って|尋ねて)"
    r"|推測(?:しないで|せずに?)(?:聞|言|答)"
    r"|(?:勝手に|無断で).{1,10}しないで|(?:する|消す|変える|入れる|触る)前に(?:必ず)?(?:聞いて"
    r"|確認して|教えて)"
    r"|タメ口で(?:いい|お願い|話)|(?:日本語|英語)で(?:答え|返し|話し)て"
)
_OF_ONE = re.compile(
    r"\b(?:diesmal|heute|jetzt|cette fois|aujourd'hui|maintenant|esta vez|hoy|ahora)\b|今回|今日"
    r"|これ|この|それ"
)
_TERMS = """
    duz duze duzen siezen anglizismen floskeln fachjargon fachbegriffe fremdwörter füllwörter
    smileys
    fass geschwollen punkt sache bevor fragen sprache plattdeutsch dialekt rate wiederhol wiederhole
    ehrlich direkt knapp streng emojis aufzählungen ausrufezeichen deutsch englisch
    court bref brève directe concis concise tutoie tutoyez vouvoie vouvoyez jargon
    blabla anglicismes flatteries politesse pourquoi prix montants distances poids dates répète
    répétez liens excuses avant embellis emoji émojis
    grano breve directo conciso claro sincero opciones pregunta háblame trátame respóndeme
    contéstame escríbeme corrijas métrico rodeos emoticonos jerga tecnicismos halagos pregúntame
    adivines inventes
    絵文 顔文 箇条 専門 敬語 世辞 前置 言い 太字 謝罪 結論 返事 返信 回答 答え 説明 推測 勝手 無断
    前に タメ
    日本 英語 短く 簡潔 手短
"""
ELSEWHERE_TERMS = tuple(_TERMS.split())


def says_how_to_behave_elsewhere(text: str) -> bool:
    """Return whether a sentence sets a rule for the assistant in one of the four languages."""
    return _BEHAVES.match(text.strip(" ¡¿,-")) is not None and not _OF_ONE.search(text)


def says_how_to_behave_in_japanese(text: str) -> bool:
    """Return whether a Japanese sentence sets a rule for how the assistant behaves."""
    return _BEHAVES_IN_JAPANESE.search(text) is not None and not _OF_ONE.search(text)

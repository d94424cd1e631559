"""Words and patterns of tasks, and of statements that resemble them, by language."""

# ruff: noqa: RUF001 - other scripts have marks of their own

from __future__ import annotations

import re

TASKS = frozenset(
    """
    fix refactor implement add create remove delete write explain summarize summarise rewrite
    proofread generate investigate analyze analyse optimize optimise translate convert describe
    calculate undo revert rebase propose suggest recommend compare verify simplify brainstorm
    plot rebuild redo rerun reformat rephrase diagnose examine inspect migrate scaffold visualize
    improve clarify
    evaluate assess enumerate reproduce resolve
    pin bump swap reword shorten disable enable squash cherry-pick backport inline redact
    deduplicate lint tidy
    """.split()  # noqa: SIM905 - a list of words reads best as words
)
"""Verbs of tasks."""

NO_TASK = re.compile(
    r"(?:for|of|costs?|takes?|took|came|went|goes|\w+ed)\b"
    r"|(?!(?:the|a|an|all|this|that|these|those|my|our|your|its|some|any"
    r"|every)\b)(?:[\w-]+ )?[\w-]+s "
    r"(?:[\w-]+ )*(?:as|in|with|from|on|at|by|per|using|within)\b"
)
"""Words after a verb that show a noun ("fix for ..."), or a rule ("dates as ...")."""

ALSO_NOUNS = frozenset(
    """
    build test review check run read list show print search research document design format
    profile plan draft deploy commit merge push pull update open find make look help outline
    clean start finish give tell walk do try figure think answer set prepare measure
    benchmark polish port kill upgrade bump rename restart replace remind send take have debug
    extract repair install compute sketch go
    """.split()  # noqa: SIM905 - a list of words reads best as words
)
"""Verbs of tasks that also begin other sentences."""

VAGUE = frozenset(
    """
    make look help do try find think start answer tell give take have set remind go
    """.split()  # noqa: SIM905 - a list of words reads best as words
)
"""Those of them that set a task only in some phrases."""

TO_ME = frozenset("give tell show send remind walk".split())  # noqa: SIM905
FRAMES = re.compile(
    r"(?:(?:take|have) a (?:quick |closer )?look at|look (?:at (?:the|issue|pr|pull|this (?:file"
    r"|code|issue"
    r"|error|pr))|into|for|up)\b|deploy to|figure out|find out|clean up|set up|have a look\b"
    r"|go through the\b"
    r"|make (?:me|us) |make it \w+er\b|make a (?:plan|list|table|copy|note of|summary|pr|diagram"
    r"|release)\b|make the \w+ \w+er\b"
    r"|help me (?:plan|debug|with|to|understand|write|find|fix|choose|draft|prepare|set)\b"
    r"|think (?:about|through|of)\b|answer (?:the|this|my)\b|do the (?:same|second|next|rest"
    r"|first|other)\b"
    r"|do (?:it|this|that)\b|try (?:it|again|to|this|that)\b|run (?:the|all|it|a|ruff|mypy|pytest"
    r"|npm)\b"
    r"|find (?:the|all|a|any|every|where|how|out|usages|me)\b|start (?:with|the|by|on)\b"
    r"|tell (?:me|us) (?:a joke|about|what|which|who|where|when|why|how|if|whether|the)\b"
    r"|(?:give|show|send) (?:me|us) (?:a|an|the|three|two|five|some|all|more|another|how|what"
    r"|which)\b"
    r"|show the\b|walk me through\b|remind me (?:what|which|who|where|when|why|how|of|about)\b"
    r"|read (?:the|it|this|all|[A-Z/\w]+\.\w+)|open (?:the|a|it)\b|update (?:the|it|all)\b)",
    re.IGNORECASE,
)
AFTER_NOUN = re.compile(
    r"(?!(?:in|on|at|for|up) (?:the (?:morning|evening|afternoon|weekend)|noon|night|next"
    r"|\w*day)\b)"
    r"(?:the|a|an|all|this|that|it|them|these|those|my|our|your|its|for|in|on|at|up|out|into|over"
    r"|through"
    r"|every|some|any|how|what|why|which|who|where|whether|if|about|again|and|three|two|one|five"
    r"|ten"
    r"|me|us|both|each|open|unit|more|another)\b"
)
ALONE_FIRST = frozenset(
    """
    continue go keep proceed retry try next stop wait do fix carry resume start begin please commit
    merge deploy undo push again run weiter mach fortfahren nochmal vas-y sigue adelante continúa
    continua vai prossegui продолжай продолжи дальше ещё
    """.split()  # noqa: SIM905 - a list of words reads best as words
)
ALONE = re.compile(
    r"(?:continue|go on|keep going|go ahead|proceed|retry|try again|next|stop|wait|do it|do that"
    r"|fix it"
    r"|fix this|carry on|resume|start|begin|please do|commit|commit and push|merge|deploy|undo"
    r"|push it"
    r"|go for it|again|run it|weiter|mach weiter|fortfahren|nochmal|vas-y|sigue|adelante|continúa"
    r"|continua|vai avanti|prossegui|продолжай|продолжи|дальше|ещё раз)"
    r"(?: (?:please|then|now|with it|from there|where you left off|bitte|stp|svp|por favor"
    r"|per favore))*"
    r"\W*",
    re.IGNORECASE,
)
"""Tasks of one or two words."""

CAN_YOU_FIRST = frozenset(
    """
    can could would will i i'd we kannst könntest würdest magst könnten können peux-tu pourrais-tu
    pouvez-vous pourriez-vous tu puedes podrías puede podría puoi potresti você poderia можешь
    не могли
    """.split()  # noqa: SIM905 - a list of words reads best as words
)
CAN_YOU = re.compile(
    r"(?:(?:can|could|would|will) (?:you|u|ya) (?:please |pls |kindly |also |quickly |maybe )?"
    r"(?!tell me|remember|see\b|believe|imagine|hear|guess|feel|stop|avoid|keep|use|quit|talk|speak"
    r"|answer|reply|respond|be |call me|not |skip)"
    r"|would you mind |i(?:'d| would) (?:like|love) you to |i (?:want|need) you to |we need you to "
    r"|(?:kannst|könntest|würdest|magst) du |könnten sie |können sie "
    r"|peux-tu |pourrais-tu |pouvez-vous |pourriez-vous |не мог(?:ли|ла)? бы |могли бы "
    r"|¿(?:puedes|podrías|puede usted|podría) |(?:tu peux|puedes|podrías|puoi|potresti|você pode"
    r"|poderia|можешь) (?=.*[?]))",
    re.IGNORECASE,
)
LETS = re.compile(
    r"let(?:'s| us) (?:look at|start with|write|take a look|begin|see|check|fix|review|continue"
    r"|test|debug"
    r"|find|do the|go through|move on|work on|plan|try to)\b",
    re.IGNORECASE,
)


def _verbs(stems: str, endings: tuple[str, ...]) -> list[str]:
    return [stem + ending for stem in stems.split() for ending in endings]


OTHER_LANGUAGES = frozenset(
    (
        *_verbs(
            "schreib erklär fass zeig mach prüf füg reparier korrigier übersetz"
            " erstell lösch entfern bau analysier vergleich implementier aktualisier"
            " beheb generier überprüf beschreib führ öffn sag",
            ("", "e"),
        ),
        *_verbs(
            "corrige ajoute lance résume montre explique cherche trouve crée supprime vérifie"
            " génère compare implémente refactorise analyse",
            ("", "r", "z"),
        ),
        *_verbs(
            "напиши объясни исправь покажи переведи добавь найди проверь удали создай запусти"
            " сделай посмотри расскажи скажи помоги обнови перепиши проанализируй сравни опиши",
            ("", "те"),
        ),
        *"""
        suche finde liste starte teste hilf gib écris écrivez traduis traduisez relis relisez
        dis-moi dites-moi aide-moi donne-moi montre-moi montrez-moi explique-moi expliquez-moi fais
        faites corrigez ajoutez arregla escribe traduce explica explícame explicame muestra
        muéstrame dime resume añade agrega crea borra elimina revisa busca encuentra genera lista
        analiza haz ejecuta abre ayúdame dame scrivi spiega spiegami correggi traduci riassumi
        mostra mostrami aggiungi cerca trova controlla esegui dimmi aiutami escreve escreva corrija
        traduza resuma mostre adicione crie procura verifique execute
        """.split(),  # noqa: SIM905 - a list of words reads best as words
    )
)
"""Verbs of tasks in other languages, of which some are words or names in English."""

AFTER_OTHER_LANGUAGES = re.compile(
    r"(?:le|la|les|un|une|des|ce|cette|ces|ça|moi|nous|mon|ma|mes|tous|toutes?|quel\w*|comment"
    r"|pourquoi"
    r"|den|die|das|der|ein\w{0,2}|mir|mich|uns|bitte|alle|mal|es|dies\w*|noch|nach|weiter|einfach"
    r"|welche\w?"
    r"|el|los|las|una|esto|eso|esta|este|me|mi|todos|todas|qué|cómo|por qué|cuál"
    r"|il|lo|gli|i|questo|questa|questi|tutti|tutte|che|come|perché|o|a|os|as|um|uma|isto|isso"
    r"|esse|essa)\b"
    r"|l'|qu'|[а-яё]",
    re.IGNORECASE,
)

POLICY = re.compile(
    r"\b(?:from now on|always|never|every time|each time|in (?:the )?future|whenever|going forward"
    r"|henceforth|before (?:each|every|you)|after (?:each|every)|(?:british|american) english|only"
    r"|before (?:\w+ing|a|any|the)|(?:mon|tues|wednes|thurs|fri|satur|sun)days"
    r"|as if|like (?:an?|i'?m|i am)|without|unless|at most|sans|ohne|sin"
    r"|ab jetzt|ab sofort|immer|künftig|nie|niemals|stets|jedes|désormais|toujours|jamais"
    r"|dorénavant"
    r"|siempre|nunca|a partir de|d'ora in poi|sempre|mai|всегда|никогда|отныне|теперь)\b",
    re.IGNORECASE,
)
"""Words that turn a task into a lasting rule."""

STATES = re.compile(
    r"[;—–!]\s|:\s|[,，]\s*(?!(?:and|then|or|please|bitte|s'il|por favor|per favore|und|et|y|e|и"
    r"|too|also"
    r"|thanks|ok|if possible|including|especially|(?:auf |in |mit |von )?welche[rsnm]?|wer|was|wo"
    r"|wann|wie"
    r"|ob|какой|что|где|пожалуйста)\b)"
    r"|\b(?:because|since|so that|as it|weil|denn|da|car|parce que|porque|потому)\b"
    r"|\b(?:i|we|he|she|they)(?:'(?:m|ve|re|d|ll|s)\b| (?:am|have|had|was|were|need|want|moved"
    r"|took|went"
    r"|met|like|love|bought|got)\b)|\b(?:it|there|that)'s\b"
    r"|\bloves?\b|\bsomeone\b|\byourself\b|\b(?:your|our) (?:heart|dreams?|faith|family"
    r"|friend)s?\b",
    re.IGNORECASE,
)
"""Words that state something in addition to the task."""

IS = re.compile(
    r"\b(?:is|are|was|were|has|have|had|will|must|should|ist|sind|war|est|sont|took|takes|went|goes"
    r"|costs?|came|comes|started|starts|ended|ends|begins|runs|lives|moved|failed|fails|broke"
    r"|works|worked"
    r"|uses|needs|returns|means|says|said)\b",
    re.IGNORECASE,
)
ASKED = re.compile(
    r"\b(?:what|why|which|who|how|where|when|whether|if|that|was|warum|welche\w?|wie|que|quel\w*"
    r"|qué)\b",
    re.IGNORECASE,
)

NUMBER = re.compile(r"\d|\w@")
REFERENCE = re.compile(
    r"#\d+|\b(?:issue|pr|mr|pull|lines?|steps?|chapter|parts?|page|task|ticket|bug|question|first"
    r"|last|top"
    r"|next|adr|job|build|commit|test|exercise|section) #?\d+",
    re.IGNORECASE,
)
"""A number in a name; any other number states something."""

HAN_TASK = re.compile(
    r"(?:请|麻烦|帮忙|你?能不能|你?能|你?可以|可不可以|你|您|现在|然后|再|先|快|那就?|给我"
    r"|替我)*(?:请|帮我|帮忙|给我|你|您)*"
    r"(?:写(?=[一个段份篇封下完出]|单元|测试|文档|注释|代码$)|解释(?!权)|修复|修一下|修改一下"
    r"|改一下|翻译|查一?下|查查|看看"
    r"|看一下|检查(?!结果|报告)|跑一?下|运行(?!环境|时|正常|良好|稳定|着|不|得)|提交(?!信息|前|时"
    r"|记录|者)|推送(?!前|时)"
    r"|总结(?!会)|优化|告诉我|列出"
    r"|列一下|重构|分析(?!师)|生成|再试|对比|比较|补充|添加|加上|删除|部署(?!窗口|在|前|时|环境)"
    r"|合并(?!前|时)|推荐(?!系统|人|信)"
    r"|介绍(?!人)|整理|润色|实现|创建|新建|更新一?下|测试一下|提醒我(?=.*(?:什么|哪|谁|结论"
    r"|上次))|搜索(?!服务|引擎|框)|搜一下"
    r"|找一?下|打开|读一?下|讲个?|说明一?下|描述|设计(?!稿|师|图)|调试|重新开始|重新生成"
    r"|(?<=[帮替]我)[^记留存]|把.{1,20}(?:整理|修|清理|压缩|重写|重构|拆|画|列|补)(?:一下|一份"
    r"|一遍|好|完|上)?$"
    r"|回滚(?!脚本)|撤销|安装(?!包)|格式化"
    r"|画|简化|执行|开始吧|想一?下|做一[个份]|出一[个份]|把.{1,20}翻译"
    r"|(?:继续|接着)(?:昨天|上次|刚才|之前)的?$|(?:继续|接着|往下)(?:写|做|改|跑|执行|说"
    r"|讲)?(?:吧|下去)?$|.{1,16}(?:发我|发给我"
    r"|给我看看)(?:一下|一遍)?$|给.{1,14}(?:加上|添加|写|补)"
    r"|修(?=.{1,10}测试)|再试一[次下]$)"
)
HAN_STATES = re.compile(
    r"再[定说看]$|以后|永远|总是|每[次天周月年]|只|记住|记得|别|不要|了(?!解)|不|率|可(?!以)|负责"
    r"|归|权|有限"
    r"|因为|推荐人"
    r"|结果出"
    r"|由.+负责|已|叫|从.+(?:读|取|来|进)|监听|读取|保留|走|存|放在|属于|依赖|支持|还没|会"
    r"|(?<![帮替给])我(?!上次|们上次|写|改|查|看|修|的)[^。]{0,3}(?:是|在|有|想|喜欢|不)"
)
HAN_ALONE = re.compile(
    r"(?:那就?|好[，,])?(?:动手|开干|弄|搞|删|推|合并?|发|改|修|写|提交|部署|推送|来)(?:掉"
    r"|上去)?(?:吧)?"
)
"""Tasks of one word."""
HAN_MARKED = re.compile(r"请|帮|麻烦|一下|吧$|发我$|给我$|看看|你能|可以|告诉我|吗$")
"""Marks of tasks on any subject; without one, words for tasks may be names."""

HAN_ASKED = re.compile(r"什么|怎么|如何|为什么|哪|谁|多少|是否|几")
KANA_HANGUL_TASK = re.compile(
    r"(?:てください|て下さい|してくれ|てもらえますか|お願いします|教えて|続けて|見せて|書いて"
    r"|直して|して)[。!！]?$"
    r"|(?:해 ?주세요|해 ?줘|알려 ?줘|보여 ?줘|고쳐 ?주세요|고쳐 ?줘|주세요|줘)[.!]?$"
)
KANA_HANGUL_STATES = re.compile(
    r"\d|にして|減ら|増や|控え|やめ|まで|だけ|ばかり|先に|敬語|短く|日本語で|英語で|来て|入って"
    r"|渡して|待って|覚え|今後|常に|必ず|いつも|、"
    r"|これから|앞으로|항상|기억|,|마세요|ないで"
)
WANTS_AN_ANSWER = re.compile(
    r"\W*(?:please |kindly )?(?:tell|remind|give|show) (?:me|us)\b"
    r"|\W*(?:bitte )?sag\w* (?:mir|uns)\b"
    r"|\W*(?:dis|dites|rappelle|rappelez)[- ](?:moi|nous)\b|\W*(?:dime|dinos|recuérdame)\b"
    r"|\W*(?:请|麻烦)?你?(?:再|先)?(?:告诉|提醒)(?:我|一下)"
    r"|[^?？\n]{0,80}(?:多少|哪|什么|谁|怎么|几)[^?？\n]{0,80}[?？]\s*\Z",
    re.IGNORECASE,
)
"""Tasks by their form that want an answer, which can be corrected."""

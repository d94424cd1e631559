"""Words with which people say how they want to be answered, in five languages, in small letters.

`sage.retrieval.personal_preferences` puts them together.
"""

from __future__ import annotations

import re


def _words(*lines: str) -> frozenset[str]:
    return frozenset(" ".join(lines).split())


LANGUAGES = _words(
    "english german french spanish chinese mandarin cantonese japanese korean italian",
    "portuguese russian dutch polish turkish arabic hindi englisch deutsch französisch",
    "spanisch chinesisch japanisch italienisch anglais allemand français espagnol chinois",
    "japonais italien inglés alemán francés español castellano chino japonés italiano",
)
"""Names of languages that are the names of peoples, too."""

BEFORE_A_LANGUAGE = _words(
    "in only prefer speak read use write british american swiss brazilian simplified",
    "traditional plain simple good proper auf spreche lese en parle hablo leo préfère",
    "prefiero",
)

MANNERS = _words(
    "concise concisely terse tersely succinct succinctly brevity winded walls essays metric",
    "tone verbose emoji emojis emoticons bullet bullets flattery flatter praise compliments",
    "pleasantries preamble preambles filler fluff apologize apologise apologizing apologising",
    "apologies apology greetings smalltalk sarcasm jargon pronouns stichpunkte stichpunkten",
    "aufzählungen floskeln duze duzen duzt sieze siezen siezt émoji émojis concis tutoie",
    "tutoyer tutoyez vouvoie vouvoyer vouvoyez flatterie blabla conciso concisa concisas",
    "tutéame tutear tutees trátame viñetas halagos conclusion conclusions spelling",
)
"""Of length, tone and form of address: said of nothing but answers."""

WIDE_MANNERS = _words(
    "short shorter brief briefly briefer compact long longer detail details detailed lengthy",
    "step lists tables headings prose markdown formal formally informal casual casually",
    "diagrams direct directly blunt bluntly frank frankly honest honestly friendly polite politely",
    "humor humour jokes sorry plain simple simply summary summaries caveats disclaimers",
    "examples sentence sentences paragraph paragraphs words kurz kurze kurzen kürzer knapp",
    "knappe knappen ausführlich ausführliche detailliert detaillierte lange langen förmlich",
    "formell locker direkt direkte sachlich höflich ehrlich einfach einfache sätze sätzen",
    "sätzes beispiele fazit court courts courte courtes bref brefs brève brèves brièvement",
    "longues longs longue détaillé détaillée détaillées détaillés listes formel formelle",
    "directe directes poli polie blagues simples phrases exemples corto corta cortos cortas",
    "breve breves brevemente largo largas detallado detallada detalladas listas formales",
    "directo directa directas bromas disculpas sencillo sencilla sencillas frases ejemplos tú",
    "usted british american",
)
"""Of length and tone, said of many things: they count beside a word for answers."""

ANSWERS = _words(
    "answer answers answering reply replies replying respond responding response responses",
    "explain explaining explanation explanations talk talking speak speaking phrase tell",
    "feedback be antwort antworten antworte antwortest antwortet erklär erkläre erklären",
    "erklärung erklärungen sprich sprechen schreib schreibe rede sei seien fass fasse fassen",
    "réponse réponses réponds répondez répondre répond explique expliquez explication",
    "explications parle parlez écris écrivez sois soyez respuesta respuestas responde",
    "responder respondas respondes respóndeme contesta contestar contéstame contestes explica",
    "explícame explicación explicaciones habla háblame escribe escríbeme sé you language",
)

WISHES = _words(
    "prefer preferred preference like love enjoy hate dislike appreciate want favourite",
    "favorite rather stand always never don't dont no not without avoid stop skip spare drop",
    "keep future generally default henceforth bevorzuge mag liebe hasse möchte hätte wünsche",
    "lieber immer stets nie niemals kein keine keinen ohne künftig zukünftig zukunft",
    "grundsätzlich vermeide préfère veux voudrais souhaite déteste aime adore apprécie",
    "toujours jamais désormais pas dorénavant avenir sans évite évitez prefiero gusta gustan",
    "encanta encantan molesta molestan quiero quisiera odio siempre nunca adelante sin evita",
    "nada duzen tutoyer tutear",
)

POLITE = _words(
    "please just and so also bitte s'il te vous plaît por favor",
)

ORDERS = _words(
    "answer reply respond speak talk use write be keep antworte antworten sprich sprechen",
    "schreib schreibe sei halte fasse fass duze sieze réponds répondez parle parlez écris",
    "écrivez sois soyez tutoie vouvoie responde respóndeme contesta contéstame habla háblame",
    "escribe escríbeme sé usa tutéame give answers replies réponses respuestas trátame",
)
"""What an order to answer in some manner begins with."""

OF_ONE_ANSWER = _words(
    "this these those it now once today tonight tomorrow above below following diesmal heute",
    "jetzt gerade diese diesen dieses cette cet ceci cela aujourd'hui maintenant esta este",
    "esto eso hoy ahora",
)

OF_A_PROJECT = _words(
    "project projects repo repos repository api apis endpoint endpoints database databases db",
    "schema column columns service services server servers host hosts port client clients",
    "customer customers user users team company ui app apps release production staging",
    "component components paper thesis product products website newsletter invoice projekt",
    "projekte kunde kunden kundin projet projets dépôt proyecto proyectos repositorio cliente",
    "clientes",
)

OF_WORK = _words(
    "code coding readme doc docs docstring docstrings documentation module modules function",
    "functions method methods class classes test tests testing commit commits pull pr prs",
    "merge branch branches ticket tickets issue issues query queries file files folder",
    "folders comment comments variable variables name names naming page pages email emails",
    "mail mails letter letters report reports blog article articles post posts config",
    "configuration script scripts changelog log logs logging error errors build builds deploy",
    "deployment library libraries package packages framework translation translate label",
    "labels string strings slides chapter essay story loops datei dateien dokumentation",
    "kommentar kommentare funktion funktionen variablen e-mail e-mails bericht fichier",
    "fichiers commentaire commentaires fonction fonctions courriel courriels rapport archivo",
    "archivos comentario comentarios función funciones correo correos código informe",
)
"""What is written in all projects: said with "I prefer" it is all the same about the person."""

MINE = _words(
    "prefer like love enjoy hate dislike appreciate want bevorzuge mag liebe hasse möchte préfère",
    "veux aime adore déteste prefiero gusta gustan encantan quiero odio",
)


ASKED = _words(
    "what how why which who whose where whether about regarding was wie warum welche welcher",
    "wer wo ob über quoi comment pourquoi quel quelle qui où sur qué cómo cuál quién dónde",
    "sobre",
)
"""What an order goes on with that is about one answer."""

OTHERS = _words(
    "he she they him her them his their people everyone everybody we our ours bot bots survey",
)

OTHER_CAPITALS = _words(
    "i i'm i'd i'll i've oxford latin sie ihnen ihr ihre ihren du dir dich antwort anrede ton",
    "gespräch sprache fragen frage erklärung",
)
"""Words besides the ones above that are written with a capital and name nobody."""

LASTING = re.compile(
    r"from (?:now|here) on|going forward|every time|in (?:the )?future|ab (?:jetzt|sofort)"
    r"|in zukunft|à l'avenir|de ahora en adelante|a partir de ahora|en adelante",
    re.IGNORECASE,
)
"""Says that something is to be so always."""

CHINESE_LANGUAGES = (
    *("中文", "汉语", "普通话", "粤语", "英文", "英语", "日语", "日文", "德语", "德文"),
    *("法语", "法文", "西班牙语", "韩语", "俄语"),
)
CHINESE_MANNERS = (
    *(
        "废话",
        "客套",
        "寒暄",
        "表情",
        "颜文字",
        "拐弯抹角",
        "敬语",
        "大白话",
        "啰嗦",
        "emoji",
        "恭维",
    ),
    *("长篇大论", "语气", "口吻"),
)
CHINESE_WIDE_MANNERS = (
    *(
        "简短",
        "简洁",
        "简明",
        "简练",
        "精简",
        "精炼",
        "短一点",
        "短点",
        "详细",
        "列表",
        "要点",
        "分点",
    ),
    *(
        "口语",
        "直接",
        "直说",
        "委婉",
        "幽默",
        "玩笑",
        "道歉",
        "您",
        "称呼",
        "一句话",
        "几句话",
        "三句话",
    ),
    *(
        "结论",
        "太长",
        "通俗",
        "术语",
        "正式",
        "简单",
        "含糊",
        "总结",
        "例子",
        "举例",
        "长篇",
        "出处",
        "来源",
        "链接",
    ),
)
CHINESE_ANSWERS = (
    *(
        "回答",
        "回复",
        "答复",
        "回应",
        "答案",
        "解释",
        "说明",
        "说话",
        "讲话",
        "交流",
        "沟通",
        "聊天",
    ),
    *("对我", "跟我", "和我", "给我", "告诉我", "你说", "你用", "你先", "称呼我"),
)
CHINESE_WISHES = (
    *(
        "喜欢",
        "偏好",
        "偏爱",
        "希望",
        "想要",
        "讨厌",
        "受不了",
        "习惯",
        "请",
        "总是",
        "一直",
        "始终",
    ),
    *(
        "以后",
        "今后",
        "从现在起",
        "永远",
        "每次",
        "尽量",
        "最好",
        "务必",
        "一律",
        "不要",
        "别",
        "不用",
    ),
    *("不必", "无需", "少", "都", "我只", "从来", "从不", "一向", "我一般"),
)
CHINESE_ORDERS = ("回答", "回复", "说话", "讲话", "用", "说", "讲", "解释")
CHINESE_OF_ONE_ANSWER = (
    "这次",
    "这一次",
    "今天",
    "刚才",
    "这个",
    "这句",
    "上面",
    "下面",
    "现在",
    "如果",
    "除了",
)
CHINESE_OF_A_PROJECT = (
    *(
        "项目",
        "仓库",
        "接口",
        "数据库",
        "模块",
        "服务",
        "客户",
        "用户",
        "论文",
        "产品",
        "公司",
        "合同",
    ),
    *("网站", "团队", "他", "她", "这份", "那个", "我们", "机器人", "问卷"),
)
CHINESE_OF_WORK = (
    *(
        "代码",
        "注释",
        "提交",
        "函数",
        "文档",
        "测试",
        "文件",
        "页面",
        "邮件",
        "报告",
        "变量",
        "分支",
    ),
    *("脚本", "配置", "部署", "文章", "标题", "日志", "翻译", "表格"),
)
CHINESE_MINE = (
    *("我喜欢", "我更喜欢", "我习惯", "我偏好", "我希望", "我讨厌", "我不喜欢", "我想", "我只"),
    *("我都", "我一般", "我从来", "我从不", "我总是", "我一直", "我一向", "我始终"),
)

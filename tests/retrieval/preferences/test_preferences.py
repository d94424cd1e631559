# ruff: noqa: RUF001 - Chinese has punctuation of its own
"""What people say that they like, and which of it is about themselves wherever they work."""

from sage.domain.memories import Role
from sage.retrieval.preferences.personal import PERSONAL_TERMS
from sage.retrieval.preferences.stated import preferences_in
from sage.retrieval.preferences.topics import PreferenceTopic, still_holding, topics_of
from sage.retrieval.text.words import terms_in
from tests.support.each import each
from tests.support.labelled_messages import labelled_sessions, no_wishes

KINDS = {
    "Answer in German, please.": {PreferenceTopic.LANGUAGE},
    "以后都用英文跟我说。": {PreferenceTopic.LANGUAGE},
    "réponds en français": {PreferenceTopic.LANGUAGE},
    "speak german with me but write code comments in english": {
        PreferenceTopic.LANGUAGE,
        PreferenceTopic.COMMENTS,
    },
    "Please write docs in English but talk to me in Chinese.": {
        PreferenceTopic.LANGUAGE,
        PreferenceTopic.COMMENTS,
    },
    "代码注释写英文": {PreferenceTopic.COMMENTS},
    "my German is basic so use simple sentences with me": {PreferenceTopic.LENGTH},
    "fass dich kurz": {PreferenceTopic.LENGTH},
    "回答别太啰嗦。": {PreferenceTopic.LENGTH},
    "llámame Pepe": {PreferenceTopic.ADDRESS},
    "叫我小李就行。": {PreferenceTopic.ADDRESS},
    "I like concise commit messages.": {PreferenceTopic.WORK},
    "改之前先问我": {PreferenceTopic.WORK},
    "don't use emojis": {PreferenceTopic.FORM},
    "先说结论": {PreferenceTopic.FORM},
}


@each("sentence", KINDS)
def test_what_a_wish_is_about_is_told_by_its_words(sentence):
    assert topics_of(sentence) == KINDS[sentence]


def test_of_a_wish_that_a_newer_one_replaces_in_part_the_rest_holds():
    both = "代码注释写英文，跟我说话用中文"
    assert still_holding(both, {PreferenceTopic.COMMENTS}) == "跟我说话用中文"
    assert still_holding(both, {PreferenceTopic.COMMENTS, PreferenceTopic.LANGUAGE}) == ""
    assert still_holding("From now on, reply in Spanish.", {PreferenceTopic.LANGUAGE}) == ""
    assert still_holding("Don't use emojis.", {PreferenceTopic.FORM}) == "Don't use emojis."


PERSONAL = [
    "I prefer short answers.",
    "I prefer answers in British English, and always use tabs.",
    "Please answer me in British English from now on.",
    "Always answer in German.",
    "Keep your answers under five sentences.",
    "Keep your answers short.",
    "Please keep answers short and skip the pleasantries.",
    "Don't use emojis.",
    "No emojis, please.",
    "Call me Ada.",
    "Please call me Dr. Weber.",
    "Be concise.",
    "Be brief, please.",
    "I like it when you answer briefly.",
    "I hate long explanations.",
    "Could you always reply in French?",
    "From now on, reply in Spanish only.",
    "I'd rather have detailed explanations.",
    "I prefer a direct tone.",
    "Write in British English, please.",
    "I speak German, so answer in German.",
    "From now on answer me in French.",
    "Skip the preamble.",
    "I don't like flattery.",
    "Explain things in simple words, always.",
    "I want short answers without bullet points.",
    "Don't be so formal with me.",
    "I prefer metric units.",
    "I prefer British English in everything you write for me, docs too",
    "写代码注释请一律用英文，我习惯英文注释",
    "Bitte antworte mir immer auf Deutsch.",
    "Bitte duze mich.",
    "Ich bevorzuge kurze Antworten.",
    "Ich mag keine langen Erklärungen.",
    "Fass dich kurz.",
    "Halte deine Antworten kurz.",
    "Bitte keine Emojis.",
    "Nenn mich Kai.",
    "Je préfère des réponses courtes.",
    "Réponds-moi toujours en français.",
    "Tutoie-moi, s'il te plaît.",
    "Pas d'émojis, s'il te plaît.",
    "Appelle-moi Léa.",
    "J'aime les réponses détaillées.",
    "Prefiero respuestas cortas.",
    "Respóndeme siempre en español.",
    "Por favor, no uses emojis.",
    "Llámame Sol.",
    "Me gustan las respuestas breves.",
    "请用中文回答。",
    "以后都用英文回复我。",
    "我喜欢简短的回答。",
    "我更喜欢你先给结论。",
    "回答尽量简洁。",
    "说话直接点，别拐弯抹角。",
    "叫我小李就行。",
    "请叫我王老师。",
    "不要用表情符号。",
    "别说废话。",
    "以后回答请详细一点。",
    "我討厭長篇大論。",
    "我希望你的回答简短一点。",
    "请一直用简体中文跟我交流。",
    "I always want answers in Dutch.",
    "I'm not a fan of long answers.",
    "Answer in one or two sentences unless I ask for more.",
    "Please always address me as Professor Lind.",
    "I can't stand small talk.",
    "Stop apologizing.",
    "Use plain language.",
    "I prefer bullet points over long paragraphs.",
    "Please speak to me in Polish.",
    "My name is Ada, please call me Ada.",
    "Remember that I prefer concise replies.",
    "In future, answer in German please.",
    "I like a formal tone and no jokes.",
    "You can skip the small talk.",
    "I'd like all answers in Italian.",
    "I'd prefer short replies in Chinese.",
    "Give me short answers.",
    "Always start with the conclusion.",
    "I prefer when you are direct.",
    "I prefer to be addressed as Max.",
    "Please answer in simplified Chinese.",
    "Antworte bitte kurz.",
    "Ich hätte gern ausführliche Erklärungen.",
    "Wir können uns duzen.",
    "Ab jetzt bitte auf Englisch.",
    "Antworten bitte immer auf Deutsch und ohne Emojis.",
    "Vouvoie-moi.",
    "Je veux que tu répondes en anglais.",
    "Je déteste les longues explications.",
    "Réponses courtes, s'il vous plaît.",
    "Trátame de usted.",
    "Quiero respuestas en inglés.",
    "Siempre responde con frases cortas.",
    "我习惯看英文回答。",
    "以后跟我说话用敬语。",
    "我偏好分点回答。",
    "请不要用 emoji。",
    "回复我时请用繁体中文。",
    "你以后叫我老张。",
    "我不喜欢太长的回答。",
    "解释的时候用大白话。",
    "以后请先说结论再解释。",
    "今后一律用中文。",
    "回答不要超过三句话。",
    "请用您称呼我。",
    "我讨厌含糊的回答。",
    "I like British spelling.",
    "I hate it when you change formatting along the way.",
    "I like it when you push back on bad ideas.",
    "I never want you to deploy without asking me.",
    "Don't ever rename things without asking.",
    "I prefer to be asked before you install packages.",
    "From now on, ask me before you change the approach.",
    "I always want the raw output, not a summary.",
    "Tell me honestly whenever you think I'm wrong.",
    "I love diagrams in explanations.",
    "I don't like it when you invent function names.",
    "Always mention side effects when you suggest a change.",
    "When you write to me, always skip the greetings.",
    "我习惯每一步都确认一下。",
    "每次改动都请说明原因。",
    "我不喜欢你自作主张。",
    "以后给我命令时不要加解释。",
    "我讨厌看长篇解释。",
    "不懂就问我，不要猜。",
    "永远不要擅自提交代码。",
    "每次改之前都要征求我的同意。",
    "我更希望你多问而不是猜。",
    "遇到没把握的地方，永远要先告诉我。",
    "我总是想先知道风险。",
    "代码注释我只用英文。",
    "注释我都写英文。",
    "I only write comments in English.",
    "I always want to see the command that you ran.",
    "I like it when you say what you are not sure of.",
    "I like to see a plan before you touch anything.",
    "Always show me the command before you run it.",
    "Please ask me before you delete anything.",
    "Never commit without asking me first.",
    "When you're unsure, tell me.",
    "I hate it when you guess.",
    "I prefer that you propose two options and let me choose.",
    "From now on, always show me a plan first.",
    "Always cite your sources when you answer.",
    "I prefer to review the diff before you commit.",
    "我习惯先看结论再看过程。",
    "我总是想看到你运行的命令。",
    "以后改之前先问我一下。",
    "我希望你不确定的时候直接告诉我。",
    "以后执行命令前先把命令给我看。",
    "我不喜欢你夸我。",
    "我不喜欢你重复我的问题。",
    "每次改完都告诉我改了哪些文件。",
    "我喜欢你给出几个选项让我选。",
    "less jargon pls",
    "two options max, with your favourite first",
    "explain like I'm new to this",
    'whenever I say "ship it" that means commit, push and open a PR',
    "别一上来就道歉",
    "装东西之前问我一声",
    "Bitte keine Anglizismen.",
    "Ve al grano.",
    "Fais court.",
    "絵文字は使わないで",
]

OF_A_PROJECT = [
    "I prefer short functions.",
    "We never use tabs.",
    "My favourite editor is Helix.",
    "I like the number 7 very much.",
    "I prefer pytest over unittest.",
    "Do I like short answers?",
    "The parser likes tabs.",
    "I'd like you to open the editor.",
    "Please explain briefly what a monad is.",
    "Please give me a short summary.",
    "Answer the customer in German.",
    "Write the README in English.",
    "Always write commit messages in English.",
    "Keep the log lines short.",
    "I want the docs in English.",
    "I prefer tests in short files.",
    "我希望这个项目的注释用英文。",
    "Call me when the build is done.",
    "Call me back tomorrow.",
    "I love Spanish food.",
    "Reply in German to this email.",
    "Translate it to French.",
    "He likes short answers.",
    "The client prefers short emails in French.",
    "I prefer answers from Grafana, in English.",
    "Keep it short.",
    "Answer in English this time.",
    "Bitte schreib die Kommentare auf Englisch.",
    "Antworte dem Kunden auf Deutsch.",
    "Les commentaires toujours en anglais.",
    "Comentarios siempre en inglés.",
    "他喜欢简短的回答。",
    "你喜欢用空格缩进吗。",
    "代码注释请用英文。",
    "这次请用英文回答。",
    "提交信息一律用英文。",
    "我们習慣用空格縮排。",
    "请用英文回复客户的邮件。",
    "Always use short variable names.",
    "The endpoint `reply` should never use English.",
    "I always run the tests in short mode.",
    "Our answers to Acme must always be short.",
    "Please tell me briefly what happened.",
    '"I prefer short answers" is what most wrote.',
    "问卷里写着“我喜欢简短的回答”。",
    "We always answer in English.",
    "I want you to write a script that counts words",
    "I always want to see the invoices sorted by date.",
    "I'd like you to show me the plan.",
    "Tell me what you changed.",
    "I like what you changed.",
    "I love your plan.",
    "I like the second option.",
    "Never restart the broker without asking Jonas first.",
    "I like it when the tests pass.",
    "I like it when you ask Jonas.",
    "I like it when you call me.",
    "I hate it when you change the schema.",
    "I never told you to change the tests.",
    "I never asked you to change the plan.",
    "I always tell my kids to ask me first.",
    "I always want to see new places.",
    "I like to see the results of the second run.",
    "I prefer the approach you took yesterday.",
    "You can always ask me anything.",
    "Always validate the response before you parse it.",
    "The assistant should always show a plan first.",
    "I like it when customers list the risks first.",
    "The bot should always ask before it deletes anything.",
    "Ask me when you are done, always.",
    "You never answer my question.",
    "I am always there for you.",
    "我总是想看到订单的状态。",
    "我一直想问你一个问题。",
    "你每次都说不知道。",
    "客服每次都要先说明原因。",
    "我每次问你都得到一样的回答。",
    "我喜欢这个测试的结果。",
    "系统每次都要先告诉用户结果。",
    "以后我们先开会再写代码。",
    "我喜欢你写的方案。",
    "机器人不要说废话。",
    "用户每次都要先看到结论。",
    "你总是改错文件。",
    "以后再告诉我。",
]

OF_ITS_PROJECT = [
    "Whenever you add a tool, pin the version.",
    "I'd rather you left the parser alone.",
    "It would be nice if you ran the migrations on a copy.",
    "Never push to main.",
    "Don't rename columns without a migration.",
    "以后发布之前先跑一遍迁移脚本。",
    "凡是对外的接口都要写变更记录。",
]


@each("text", OF_ITS_PROJECT)
def test_a_rule_that_names_things_of_a_project_is_a_preference_of_it(text):
    assert [one.is_personal for one in preferences_in(f"Rename it. {text}")] == [False]


@each("text", PERSONAL)
def test_how_to_be_answered_is_a_preference_of_a_person(text):
    assert [one.is_personal for one in preferences_in(text)] == [True]


def test_a_wish_is_found_among_other_sentences_and_less_where_there_are_many():
    wish = "I prefer short answers."
    assert [one.text for one in preferences_in(f"Rename it. {wish}\nThen push.")] == [wish]
    chat = "It rained. We stayed in and played cards. "
    kind = "Don't ever change."
    assert all(not one.is_personal for one in preferences_in(chat * 12 + kind))


def test_a_wish_beside_a_question_is_of_its_answer_unless_it_says_otherwise():
    question = "What time zone is the cron in? "
    for text, personal in (
        ("answer in one word", False),
        ("explain it simply", False),
        ("Always answer in German.", True),
        ("I prefer short answers.", True),
    ):
        found = preferences_in(question + text)
        assert any(one.is_personal for one in found) is personal, text


def test_nearly_every_such_sentence_is_among_those_that_are_looked_up():
    missed = [text for text in PERSONAL if not _is_looked_up(text)]
    assert len(missed) <= 0.02 * len(PERSONAL), missed


@each("text", OF_A_PROJECT)
def test_what_may_be_of_a_project_or_of_one_answer_is_none_of_a_person(text):
    assert not any(one.is_personal for one in preferences_in(text))


@each(
    ("part", "in_project", "anywhere", "wrong_in_project", "wrong_anywhere"),
    [("other_held", 67, 59, 13, 6), ("unseen", 45, 43, 5, 0)],
)
def test_wishes_of_somebody_else_are_found_and_hardly_anything_besides(
    part, in_project, anywhere, wrong_in_project, wrong_anywhere
):
    said = [one for session in labelled_sessions(part) for one in session if one.role is Role.USER]
    found = [(one.tells == "wish", preferences_in(one.text)) for one in said]
    wishes = [told for is_wish, told in found if is_wish]
    others = [told for is_wish, told in found if not is_wish]
    assert sum(map(bool, wishes)) >= in_project
    assert sum(map(_is_personal, wishes)) >= anywhere
    assert sum(map(bool, others)) <= wrong_in_project
    assert sum(map(_is_personal, others)) <= wrong_anywhere


def _is_personal(told):
    return any(one.is_personal for one in told)


def test_what_only_looks_like_a_wish_is_none():
    wrong = [text for text in no_wishes() if any(one.is_personal for one in preferences_in(text))]
    assert len(wrong) <= 1, wrong


@each("part", ["other_held", "unseen"])
def test_nearly_every_wish_that_is_found_is_among_those_that_are_looked_up(part):
    said = [one.text for session in labelled_sessions(part) for one in session]
    found = [text for text in said if _is_personal(preferences_in(text))]
    missed = [text for text in found if not _is_looked_up(text)]
    assert len(missed) <= 0.12 * len(found), missed


def _is_looked_up(text):
    return not terms_in(text).isdisjoint(PERSONAL_TERMS)

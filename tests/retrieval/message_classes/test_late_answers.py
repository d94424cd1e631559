"""What a person states after a question that was not answered answers it, or something else."""

# ruff: noqa: RUF001 - other scripts are what is tested
from __future__ import annotations

from sage.domain.memories import Role
from sage.retrieval.message_classes.classification import UnclassifiedMessage, classify_messages
from tests.support.each import each

EXPORTER = "On which port does the metrics exporter listen?"
REDIS = "What is the timeout of the redis client?"
BILLING = "Who owns the billing module?"
EXPENSES = "Who approves expenses?"
RENDERER = "Which port does the pdf renderer use?"
BROKER = "Which message broker do we use?"
FRONTEND = "前端的端口是多少？"
WHO = "谁负责前端？"
QUEUE = "测试环境的消息队列部署在哪个节点？"
REDIS_ZH = "redis 的超时是多少？"
GERMAN = "Auf welchem Port lauscht der Exporter?"
FRENCH = "Sur quel port écoute le serveur de cache ?"
SPANISH = "¿En qué puerto escucha el panel de control?"

ABOUT_IT = (
    (EXPORTER, "It's 9187."),
    (EXPORTER, "9187."),
    (EXPORTER, "Found it: 9187."),
    (EXPORTER, "By the way it listens on 9187"),
    (EXPORTER, "The port is 9187."),
    (EXPORTER, "The exporter listens on 9187."),
    (EXPORTER, "The metrics exporter uses 9187 since the move."),
    (EXPORTER, "I checked: 9187 is the port of the metrics exporter."),
    (EXPORTER, "Found it. The metrics exporter listens on port 9187."),
    (EXPORTER, "No, the exporter is on port 9187."),
    (EXPORTER, "metrics exporter: 9187"),
    (REDIS, "The timeout of the redis client is 30 seconds."),
    (REDIS, "The redis timeout is 30 seconds."),
    (REDIS, "30 seconds"),
    (BILLING, "The billing module is owned by Anna Berg."),
    (BILLING, "Anna Berg owns billing."),
    (BILLING, "Anna Berg owns it."),
    (BILLING, "It is Anna Berg"),
    (BILLING, "Anna Berg"),
    (EXPENSES, "Ravi approves expenses."),
    (EXPENSES, "Ravi approves them."),
    (EXPENSES, "Expenses are approved by Ravi."),
    (RENDERER, "Let me think. The port of the pdf renderer is 7003."),
    (BROKER, "We use RabbitMQ for the events."),
    (BROKER, "RabbitMQ is the message broker."),
    (BROKER, "RabbitMQ"),
    ("Which port does the proxy of staging use?", "Proxy: 8443"),
    ("Who is on call?", "I am."),
    (FRONTEND, "是9187"),
    (FRONTEND, "9187"),
    (FRONTEND, "前端的端口是 8080。"),
    (FRONTEND, "端口是 8080。"),
    (FRONTEND, "查到了，是 8080。"),
    (FRONTEND, "对了，前端用的是 8080 端口。"),
    ("上次我们定的周会时间是几点？", "周二下午三点半，改过的，原来是周一"),
    ("远程那台能上外网吗？", "不能，只能走 10.8.0.2:3128 代理"),
    ("一共几个人？", "九个，卡拉要是没换班就八个"),
    ("Who reviews this, Dmitri?", "yep dmitri, he's on the platform team now"),
    (WHO, "王芳"),
    (WHO, "前端由王芳负责。"),
    (WHO, "王芳负责前端。"),
    (WHO, "是王芳负责的。"),
    (QUEUE, "部署在海棠节点。"),
    (QUEUE, "测试环境的消息队列部署在海棠节点。"),
    (QUEUE, "消息队列在海棠节点上。"),
    (REDIS_ZH, "redis 的超时是 30 秒。"),
    (REDIS_ZH, "超时设为 30 秒。"),
    (GERMAN, "Der Exporter lauscht auf Port 9187."),
    (GERMAN, "Er lauscht auf 9187."),
    (GERMAN, "Übrigens, es ist 9187."),
    (FRENCH, "C'est le 9187."),
    (FRENCH, "Le serveur de cache écoute sur le port 9187."),
    (SPANISH, "El panel de control escucha en el puerto 9187."),
    (SPANISH, "Es el 9187."),
)
ABOUT_SOMETHING_ELSE = (
    (EXPORTER, "The payment gateway listens on port 9443."),
    (EXPORTER, "By the way the payment gateway listens on port 9443."),
    (EXPORTER, "No, the payment gateway listens on port 9443."),
    (EXPORTER, "Found it. The payment gateway listens on port 9443."),
    (EXPORTER, "The log exporter listens on port 9443."),
    (EXPORTER, "Port 9443 is used by the payment gateway."),
    (EXPORTER, "I moved the payment gateway to port 9443."),
    (EXPORTER, "The metrics exporter is slow today."),
    (EXPORTER, "Gateway uses 9443."),
    (EXPORTER, "Not urgent, but the disk is full."),
    (REDIS, "The timeout of the kafka client is 30 seconds."),
    (REDIS, "The kafka client has a timeout of 30 seconds."),
    (BILLING, "The search module is owned by Anna Berg."),
    (BILLING, "Anna Berg owns the search module."),
    (EXPENSES, "Ravi approves vacations."),
    (EXPENSES, "Vacations are approved by Ravi."),
    (RENDERER, "Let me think about the search first. The search service listens on port 7002."),
    (RENDERER, "The html renderer uses port 7002."),
    (BROKER, "The batch jobs use Postgres as a broker."),
    (FRONTEND, "后端的端口是 8080。"),
    (FRONTEND, "对了，后端的端口是 8080。"),
    (FRONTEND, "用户服务的端口是 8080。"),
    (FRONTEND, "今天的会议取消了。"),
    (WHO, "后端由王芳负责。"),
    (WHO, "王芳负责后端。"),
    (QUEUE, "生产环境的消息队列部署在玉兰节点。"),
    (QUEUE, "缓存部署在玉兰节点。"),
    (REDIS_ZH, "kafka 客户端的超时是 30 秒。"),
    (GERMAN, "Das Gateway lauscht auf Port 9443."),
    (GERMAN, "Übrigens lauscht das Gateway auf Port 9443."),
    (FRENCH, "La passerelle de paiement écoute sur le port 9443."),
    (SPANISH, "La pasarela de pagos escucha en el puerto 9443."),
)


def answered_by(question, text):
    refusal = "我不知道。" if "？" in question else "I don't know; I could not find that."
    turns = [(Role.USER, question), (Role.ASSISTANT, refusal), (Role.USER, text)]
    return classify_messages([UnclassifiedMessage(*one) for one in turns])[-1].replies_to


@each(("question", "text"), ABOUT_IT)
def test_what_is_stated_on_the_subject_of_a_question_answers_it_late(question, text):
    assert answered_by(question, text) == (0,)


@each(("question", "text"), ABOUT_SOMETHING_ELSE)
def test_what_is_stated_of_something_else_answers_no_question(question, text):
    assert answered_by(question, text) == ()

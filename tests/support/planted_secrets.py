"""Secrets made up when they are needed, as their issuers describe them, in the texts they are in.

None is written down here, so that scanners find nothing in this file. The formats are those of the
issuers' documentation, not those of the rules under test.
"""

from __future__ import annotations

import base64
import json
import random
import string
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ALNUM = string.ascii_letters + string.digits
URL_SAFE = ALNUM + "-_"
HEX = "0123456789abcdef"
BASE32 = string.ascii_uppercase + "234567"
PASSWORD = ALNUM + "!#$%*+-.?_~"
PRIVATE = "PRIVATE" + " KEY"

_SENTENCES = (
    "My key is {}, please keep it.",
    "Use {} for the deployment on Friday",
    "我的密钥是{}，请记住。",  # noqa: RUF001 - Chinese
    'client = Client("{}")',
    '{{"region": "eu", "value": "{}"}}',
    "```\nexport CREDENTIAL={}\n```",
    "I pasted this by mistake:\n\n{}\n\nCan you revoke it?",
)
_PASSWORDS = (
    "password={}",
    "DB_PASSWORD={}\nDB_HOST=db",
    'password = "{}"',
    '{{"user": "mei", "password": "{}"}}',
    "user: mei\npassword: {}\n",
    "the password is {} and the user is mei",
    "数据库密码：{}",  # noqa: RUF001 - Chinese
    "我的密码是{}，不要告诉别人",  # noqa: RUF001 - Chinese
    "Server=db;User Id=mei;Password={};Encrypt=True",
    "--password {} --user mei",
)
_NAMED = (
    "SAGE_TOKEN={}",
    'api_key = "{}"',
    '{{"client_secret": "{}"}}',
    "x-api-key: {}",
    "SECRET_KEY='{}'",
    "access_token: {}",
    "auth_token => '{}'",
    "the API key is {}",
    "访问令牌：{}",  # noqa: RUF001 - Chinese
    "encryption-key: {}",
)


@dataclass(frozen=True)
class Planted:
    """A text and the secret in it."""

    kind: str
    text: str
    secret: str


class Maker:
    """Makes up the parts of secrets."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def of(self, alphabet: str, length: int) -> str:
        return "".join(self.random.choices(alphabet, k=length))

    def base64(self, length: int) -> str:
        return base64.b64encode(self.random.randbytes(length)).decode()

    def segment(self, value: object) -> str:
        text = json.dumps(value, separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(text).decode().rstrip("=")

    def jwt(self) -> str:
        head = self.segment({"alg": "HS256", "typ": "JWT"})
        body = self.segment({"sub": self.of(string.digits, 10), "iat": 1516239022})
        return f"{head}.{body}.{self.of(URL_SAFE, 43)}"

    def pem(self, label: str) -> str:
        body = self.base64(self.random.choice((121, 600, 1190)))
        lines = "\n".join(body[at : at + 64] for at in range(0, len(body), 64))
        return f"-----BEGIN {label}-----\n{lines}\n-----END {label}-----"

    def password(self) -> str:
        """Return one as password managers make them: with a digit and letters, no two alike."""
        while True:
            made = self.of(PASSWORD, self.random.randint(10, 20))
            if any(map(str.isdigit, made)) and any(map(str.isalpha, made)):
                return made


TOKENS: dict[str, Callable[[Maker], str]] = {
    "AWS access key": lambda m: m.random.choice(("AKIA", "ASIA")) + m.of(BASE32, 16),
    "GitHub token": lambda m: f"gh{m.random.choice('pousr')}_" + m.of(ALNUM, 36),
    "GitHub fine-grained": lambda m: f"github_pat_{m.of(ALNUM, 22)}_{m.of(ALNUM, 59)}",
    "GitLab": lambda m: m.random.choice(("glpat-", "gldt-", "glrt-")) + m.of(URL_SAFE, 20),
    "Slack bot": lambda m: (
        f"xoxb-{m.of(string.digits, 12)}-{m.of(string.digits, 13)}-{m.of(ALNUM, 24)}"
    ),
    "Slack app": lambda m: f"xapp-1-A{m.of(BASE32, 10)}-{m.of(string.digits, 13)}-{m.of(HEX, 64)}",
    "Slack webhook": lambda m: (
        f"https://hooks.slack.com/services/T{m.of(BASE32, 8)}/B{m.of(BASE32, 10)}/{m.of(ALNUM, 24)}"
    ),
    "Stripe": lambda m: (
        f"{m.random.choice('sr')}k_{m.random.choice(('live', 'test'))}_51{m.of(ALNUM, 97)}"
    ),
    "Google API": lambda m: "AIza" + m.of(URL_SAFE, 35),
    "Google OAuth": lambda m: "GOCSPX-" + m.of(URL_SAFE, 28),
    "OpenAI project": lambda m: f"sk-proj-{m.of(URL_SAFE, 74)}T3BlbkFJ{m.of(URL_SAFE, 74)}",
    "OpenAI legacy": lambda m: f"sk-{m.of(ALNUM, 20)}T3BlbkFJ{m.of(ALNUM, 20)}",
    "SiliconFlow": lambda m: "sk-" + m.of(string.ascii_lowercase, 48),
    "DeepSeek": lambda m: "sk-" + m.of(HEX, 32),
    "Anthropic": lambda m: f"sk-ant-api03-{m.of(URL_SAFE, 93)}AA",
    "OpenRouter": lambda m: "sk-or-v1-" + m.of(HEX, 64),
    "npm": lambda m: "npm_" + m.of(ALNUM, 36),
    "PyPI": lambda m: "pypi-AgEIcHlwaS5vcmc" + m.of(URL_SAFE, 150),
    "Hugging Face": lambda m: "hf_" + m.of(string.ascii_letters, 34),
    "JWT": lambda m: m.jwt(),
    "RSA key": lambda m: m.pem(f"RSA {PRIVATE}"),
    "PKCS 8 key": lambda m: m.pem(PRIVATE),
    "OpenSSH key": lambda m: m.pem(f"OPENSSH {PRIVATE}"),
    "PEM in JSON": lambda m: m.pem(PRIVATE).replace("\n", "\\n"),
    "Telegram": lambda m: f"{m.of('123456789', 10)}:AA{m.of(URL_SAFE, 33)}",
    "SendGrid": lambda m: f"SG.{m.of(URL_SAFE, 22)}.{m.of(URL_SAFE, 43)}",
    "Twilio": lambda m: "SK" + m.of(HEX, 32),
    "DigitalOcean": lambda m: "dop_v1_" + m.of(HEX, 64),
    "Docker": lambda m: "dckr_pat_" + m.of(URL_SAFE, 27),
    "Databricks": lambda m: "dapi" + m.of(HEX, 32),
    "Vault": lambda m: "hvs." + m.of(URL_SAFE, 95),
    "Grafana": lambda m: f"glsa_{m.of(ALNUM, 32)}_{m.of(HEX, 8)}",
    "Shopify": lambda m: "shpat_" + m.of(HEX, 32),
    "Azure client": lambda m: f"{m.of(ALNUM, 3)}8Q~{m.of(ALNUM + '._-', 34)}",
    "Discord webhook": lambda m: (
        f"https://discord.com/api/webhooks/{m.of('123456789', 19)}/{m.of(URL_SAFE, 68)}"
    ),
    "Mailgun": lambda m: "key-" + m.of(HEX, 32),
    "Notion": lambda m: f"ntn_{m.of(string.digits, 11)}{m.of(ALNUM, 35)}",
    "Linear": lambda m: "lin_api_" + m.of(ALNUM, 40),
    "Groq": lambda m: "gsk_" + m.of(ALNUM, 52),
    "Alibaba": lambda m: "LTAI" + m.of(ALNUM, 20),
}
"""Kinds of tokens that may be anywhere, and how one is made."""


def _of_sha512(m: Maker) -> str:
    return f"$6${m.of(ALNUM, 16)}${m.of(ALNUM + './', 86)}"


_WORDS = ("correct", "horse", "tulip", "garden", "umbrella", "walnut", "copper", "river")


def _with_words(m: Maker) -> str:
    return "-".join([*m.random.sample(_WORDS, 2), str(m.random.randint(2, 99))])


TEXTS: dict[str, tuple[tuple[str, ...], Callable[[Maker], str]]] = {
    "AWS table": (
        (
            "AKIA2345ABCDEFGH2345,{}",
            "Access key ID,Secret access key\nAKIA2345ABCDEFGH2345,{}\n",
            '"AKIA2345ABCDEFGH2345","{}"',
            "AKIA2345ABCDEFGH2345\t{}",
            "AKIA2345ABCDEFGH2345;{};eu-west-1",
        ),
        lambda m: m.of(ALNUM, 39) + "7",
    ),
    "JSON in JSON": (
        (
            '"body": "{{\\"password\\":\\"{}\\"}}"',
            '"{{\\"user\\": \\"mei\\", \\"password\\": \\"{}\\", \\"port\\": 1}}"',
            '\'{{\\\\"passwd\\\\": \\\\"{}\\\\"}}\'',
            '{{\\"api_key\\":\\"{}\\",\\"model\\":\\"x\\"}}',
            'curl -d "{{\\"client_secret\\":\\"{}\\"}}" https://x.org',
        ),
        lambda m: m.of(ALNUM, 17) + "4",
    ),
    "other blanks": (
        (
            "password:\u00a0{}",
            "mot de passe\u00a0: {}",
            "password\u202f:\u202f{}",
            "\u5bc6\u7801\uff1a\u3000{}",
            "the password is\u00a0{}",
        ),
        lambda m: m.password(),
    ),
    "XML": (
        (
            "<password>{}</password>",
            "<user>mei</user><Password>{}</Password>",
            "<db:password>\n  {}\n</db:password>",
            "<secret>{}</secret>",
            '<add key="DbPassword" value="{}" />',
        ),
        lambda m: m.of(ALNUM, 13) + "8",
    ),
    "table": (
        (
            "| password | {} |",
            "| user | mei |\n| Password | `{}` |",
            "| **password** | {} | changed in May |",
            "| db-secret | {} |",
            "| token    | {}    |",
        ),
        lambda m: m.of(ALNUM, 13) + "8",
    ),
    "YAML": (
        (
            "password: |\n  {}\n",
            "db:\n  password: >-\n    {}\n  user: mei",
            "env:\n  - name: DB_PASSWORD\n    value: {}",
            '- {{name: API_TOKEN, value: "{}"}}',
            "stringData:\n  password: |-\n    {}",
        ),
        lambda m: m.of(ALNUM, 13) + "8",
    ),
    "quotes of Chinese": (
        (
            "\u5bc6\u7801\uff1a\u300c{}\u300d",
            "\u5bc6\u7801\u662f\u201c{}\u201d\uff0c\u8bb0\u4f4f",
            "\u5bc6\u78bc\u70ba\u300c{}\u300d",
            "\u53e3\u4ee4\uff1a\u300e{}\u300f",
            "\u5bc6\u94a5\uff1a\u3010{}\u3011",
        ),
        lambda m: m.of(ALNUM, 13) + "8",
    ),
    "-p": (
        (
            "mysql -u mei -p{} shop",
            "mysqldump --single-transaction -h db -u mei -p'{}' shop",
            "docker login -u mei -p {} registry.x.org",
            "sshpass -p {} ssh mei@host",
            "sshpass -p '{}' scp a mei@host:",
        ),
        lambda m: m.of(ALNUM, 13) + "8",
    ),
    "cookie": (
        (
            "Cookie: session={}",
            "Set-Cookie: sid={}; Path=/; HttpOnly",
            "curl -H 'Cookie: theme=dark; session={}' https://x.org",
            '"cookie": "connect.sid={}"',
            "cookie: _ga=GA1; auth={}",
        ),
        lambda m: m.of(ALNUM, 31) + "5",
    ),
    "password hash": (
        (
            "mei:{}:19000:0:99999:7:::",
            "hash = '{}'",
            "it is stored as {} in the table",
            '"password_hash": "{}"',
            "INSERT INTO users VALUES ('mei', '{}');",
        ),
        lambda m: m.random.choice(
            (
                _of_sha512(m),
                f"$2y$12${m.of(ALNUM + './', 53)}",
                f"$argon2id$v=19$m=65536,t=3,p=4${m.of(ALNUM, 22)}${m.of(ALNUM, 43)}",
                f"$y$j9T${m.of(ALNUM, 22)}${m.of(ALNUM, 43)}",
            )
        ),
    ),
    "PEM of a page": (
        ("{}", "<p>{}</p>", "<code>{}</code><br>", "my key: {}", "<td>{}</td>"),
        lambda m: m.pem(PRIVATE).replace("\n", m.random.choice(("<br>", "<br/>", "<br />"))),
    ),
    "password for": (
        (
            "the password for the staging database is {}",
            "the password of mei's account was {}",
            "The password for wifi: {}",
            "my password for the bank is {} now",
            "the token for the CI of the shop is {}",
        ),
        lambda m: m.of(ALNUM, 13) + "8",
    ),
    "pass": (
        (
            "user: mei\npass: {}",
            "DB_PASS={}",
            'MYSQL_PASS="{}"',
            "user: mei, pass: {}",
            'dbPass = "{}"',
        ),
        lambda m: m.of(ALNUM, 13) + "8",
    ),
    "other languages": (
        (
            "das Passwort lautet {}",
            "le mot de passe est {}",
            "la contrase\u00f1a es {}",
            "\u043f\u0430\u0440\u043e\u043b\u044c: {}",
            "\u30d1\u30b9\u30ef\u30fc\u30c9\u306f{}\u3067\u3059",
        ),
        lambda m: m.of(ALNUM, 13) + "8",
    ),
    "like a placeholder": (
        (
            "password: test-{}",
            "api_key = 'your{}'",
            "DB_PASSWORD=fake-{}",
            "secret: sample_{}",
            "token: {}your",
        ),
        lambda m: m.of(ALNUM, 17) + "6",
    ),
    "words and a number": (
        (
            "password: {}",
            "\u5bc6\u7801\u662f {}",
            "DB_PASSWORD={}",
            "the password is {}",
            "Passwort: {}",
        ),
        _with_words,
    ),
    "authorization": (
        (
            "Authorization: Bearer {}",
            "-H 'Authorization: Bearer {}'",
            '"authorization": "Bearer {}"',
            "authorization=Bearer {}",
            "Bearer {}",
        ),
        lambda m: m.of("abcdef", m.random.randint(0, 6)) + "0123456789abcdef" * 2,
    ),
}
"""Five texts for each of more kinds, and how the secret in them is made."""

IN_PLACE: dict[str, Callable[[Maker], tuple[str, str]]] = {
    "password": lambda m: (m.random.choice(_PASSWORDS), m.password()),
    "named, hex": lambda m: (m.random.choice(_NAMED), m.of(HEX, m.random.choice((32, 40, 64)))),
    "named, base64": lambda m: (m.random.choice(_NAMED), m.base64(32)),
    "AWS secret key": lambda m: (
        m.random.choice(("aws_secret_access_key = {}", '"SecretAccessKey": "{}"')),
        m.of(ALNUM + "/+", 40),
    ),
    "Azure storage": lambda m: (
        "DefaultEndpointsProtocol=https;AccountName=mei;AccountKey={};EndpointSuffix=x",
        m.base64(64),
    ),
    "URL": lambda m: (
        m.random.choice(("postgresql://mei:{}@db:5432/sage", "redis://:{}@cache/0")),
        m.of(ALNUM, 14),
    ),
    "bearer header": lambda m: ("curl -H 'Authorization: Bearer {}' https://x", m.of(URL_SAFE, 40)),
    "basic header": lambda m: ("Authorization: Basic {}", m.base64(24)),
    "curl": lambda m: ("curl -u mei:{} https://api.x", m.of(ALNUM, 14)),
    "netrc": lambda m: ("machine x.org login mei password {}", m.of(ALNUM, 14)),
}
"""Kinds that are secrets because of where they stand: the text around one, and how it is made."""


def planted(each: int, seed: int = 1) -> Iterator[Planted]:
    """Yield `each` secrets of every kind, always the same for a seed."""
    maker = Maker(seed)
    for kind, make in TOKENS.items():
        for number in range(each):
            secret = make(maker)
            yield Planted(kind, _SENTENCES[number % len(_SENTENCES)].format(secret), secret)
    for kind, place in IN_PLACE.items():
        for _ in range(each):
            around, secret = place(maker)
            yield Planted(kind, around.format(secret), secret)


def planted_in_texts(seed: int = 1) -> Iterator[Planted]:
    """Yield a secret in each of TEXTS, always the same for a seed."""
    maker = Maker(seed)
    for kind, (texts, make) in TEXTS.items():
        for text in texts:
            secret = make(maker)
            yield Planted(kind, text.format(secret), secret)

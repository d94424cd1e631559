"""Tokens that their issuers have made recognizable, mostly by a prefix."""

from __future__ import annotations

from sage.domain.text.masking.rule import SecretRule
from sage.domain.text.masking.shape import is_dense

_ALONE = r"(?<![A-Za-z0-9])"
_END = r"(?![A-Za-z0-9])"


def _open(kind: str, prefixes: str, rest: str) -> SecretRule:
    """Return the rule for tokens that begin with one of `prefixes` and have no fixed length.

    The prefixes are plain text, separated by blanks. Issuers lengthen tokens: `rest` is the minimum
    that follows, and has no upper bound.
    """
    marks = tuple(prefixes.lower().split())
    either = "|".join(prefix.replace(".", r"\.") for prefix in prefixes.split())
    return SecretRule(kind, marks, f"{_ALONE}(?:{either}){rest}")


def _exact(kind: str, prefixes: str, rest: str) -> SecretRule:
    """Return the rule for tokens of a fixed length, which no letter or digit follows."""
    rule = _open(kind, prefixes, rest)
    return SecretRule(kind, rule.marks, rule.pattern + _END)


VENDOR_TOKENS = (
    _open("anthropic_key", "sk-ant-", r"[a-z]{3,8}\d\d-[\w-]{40,}+"),
    _open("openrouter_key", "sk-or-v1-", r"[0-9a-f]{64}"),
    _open("openai_key", "sk-proj- sk-svcacct- sk-admin-", r"[\w-]{32,}+"),
    # the older keys of OpenAI, and those of SiliconFlow, DeepSeek, Moonshot and others
    SecretRule("sk_key", ("sk-",), r"(?<![\w-])sk-[\w-]{20,}+", is_dense),
    _exact("aws_access_key", "AKIA ASIA ABIA ACCA", r"[A-Z2-7]{16}"),
    SecretRule(
        "aws_secret_key",
        ("secret",),
        r"(?i:secret_?(?:access_?)?key)[\"']?\s{0,4}(?:=>?|:)\s{0,4}[\"']?"
        r"(?P<secret>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])",
    ),
    SecretRule(
        "aws_secret_key",  # beside its id, in a line of a table
        ("akia",),
        rf"{_ALONE}AKIA[A-Z2-7]{{16}}[\"']?[,;|\s]\s{{0,4}}[\"']?"
        r"(?P<secret>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])",
    ),
    _exact("sage_token", "sage_ sage_at_ sage_rt_ sage_mt_", r"[A-Za-z0-9]{49}"),
    _open("github_token", "ghp_ gho_ ghu_ ghs_ ghr_", r"[A-Za-z0-9_]{36,}+"),
    _open("github_token", "github_pat_", r"[A-Za-z0-9_]{60,}+"),
    _open(
        "gitlab_token",
        "glpat- gldt- glrt- glcbt- glptt- glft- glimt- glagent- gloas- glsoat- glffct- glwt-",
        r"[\w-]{20,}+(?:\.[0-9a-z]{2,16}){0,3}+",
    ),
    _open("bitbucket_token", "ATBB ATCTT3xFfG", r"[A-Za-z0-9_=-]{28,}+"),
    _open("atlassian_token", "ATATT3xFfG", r"[A-Za-z0-9_=-]{60,}+"),
    _open(
        "slack_token",
        "xoxb- xoxp- xoxa- xoxr- xoxs- xoxe- xapp-",
        r"(?=[A-Za-z-]{0,8}\d)[\w-]{20,}+",
    ),
    _open("slack_token", "xoxe.xox", r"[bp]-[\w-]{20,}+"),
    SecretRule(
        "slack_webhook",
        ("hooks.slack.com/",),
        r"hooks\.slack\.com/(?:services|workflows|triggers)/(?P<secret>[A-Za-z0-9/]{30,}+)",
    ),
    _open("stripe_key", "sk_live_ sk_test_ rk_live_ rk_test_", r"[A-Za-z0-9]{16,}+"),
    _open("webhook_secret", "whsec_", r"[A-Za-z0-9+/]{24,}+={0,2}"),
    _open("google_api_key", "AIza", r"[\w-]{35}"),
    _open("google_oauth_secret", "GOCSPX-", r"[\w-]{28}"),
    _open("google_oauth_token", "ya29.", r"[\w-]{30,}+"),
    _open("google_oauth_token", "1//0", r"[\w-]{40,}+"),
    SecretRule(
        "azure_storage_key",
        ("accountkey=", "sharedaccesskey="),
        r"(?i:AccountKey|SharedAccessKey)=(?P<secret>[A-Za-z0-9+/]{40,}+={0,2})",
    ),
    SecretRule(
        "azure_client_secret",
        ("q~",),
        r"(?<![\w.~-])[\w.~-]{3}\dQ~[\w.~-]{31,34}(?![\w.~-])",
        lead=4,
    ),
    SecretRule("azure_sas", ("?sig=", "&sig="), r".sig=(?P<secret>[A-Za-z0-9%/+]{43,}+=?)"),
    _open("npm_token", "npm_", r"[A-Za-z0-9]{36,}+"),
    _open("pypi_token", "pypi-AgE", r"[\w-]{50,}+"),
    _exact("rubygems_key", "rubygems_", r"[0-9a-f]{48}"),
    _exact("crates_io_token", "cio", r"[A-Za-z0-9]{32}"),
    _open("docker_token", "dckr_pat_ dckr_oat_", r"[\w-]{27,}+"),
    _open("huggingface_token", "hf_ api_org_", r"[A-Za-z0-9]{30,}+"),
    _open("groq_key", "gsk_", r"[A-Za-z0-9]{40,}+"),
    _open("xai_key", "xai-", r"[A-Za-z0-9]{60,}+"),
    _open("perplexity_key", "pplx-", r"[A-Za-z0-9]{40,}+"),
    _open("nvidia_key", "nvapi-", r"[\w-]{60,}+"),
    _exact("replicate_token", "r8_", r"[A-Za-z0-9]{37}"),
    _open("tavily_key", "tvly-", r"(?:dev-|prod-)?[A-Za-z0-9]{28,}+"),
    _open("langsmith_key", "lsv2_pt_ lsv2_sk_", r"[0-9a-f]{32}_[0-9a-f]{10}"),
    _open("pinecone_key", "pcsk_", r"[A-Za-z0-9_]{40,}+"),
    SecretRule("telegram_token", (":aa",), r"(?<=\d{8}):(?P<secret>AA[\w-]{33})(?![\w-])"),
    SecretRule(
        "discord_webhook",
        ("/api/webhooks/",),
        r"/api/webhooks/\d{16,20}/(?P<secret>[\w-]{60,}+)",
    ),
    _open("sendgrid_key", "SG.", r"[\w-]{20,24}\.[\w-]{39,50}"),
    _exact("twilio_key", "SK", r"[0-9a-f]{32}"),
    _exact("mailgun_key", "key-", r"[0-9a-f]{32}"),
    SecretRule("mailchimp_key", ("-us",), r"(?<![\w-])[0-9a-f]{32}-us\d{1,2}(?!\w)", lead=32),
    _open("brevo_key", "xkeysib- xsmtpsib-", r"[0-9a-f]{64}-[A-Za-z0-9]{16}"),
    _exact("digitalocean_token", "dop_v1_ doo_v1_ dor_v1_", r"[0-9a-f]{64}"),
    _open("heroku_key", "HRKU-", r"[\w-]{36,}+"),
    _open("vault_token", "hvs. hvb. hvr.", r"[\w-]{24,}+"),
    SecretRule(
        "terraform_token",
        (".atlasv1.",),
        r"(?<!\w)[A-Za-z0-9]{14}\.atlasv1\.[\w-]{60,}+",
        lead=14,
    ),
    _open("databricks_token", "dapi", r"[0-9a-f]{32}(?:-\d)?(?!\w)"),
    _open("grafana_token", "glsa_", r"[A-Za-z0-9]{32}_[0-9a-fA-F]{8}"),
    _open("grafana_token", "glc_eyJ", r"[A-Za-z0-9+/]{40,}+={0,2}"),
    _open("newrelic_key", "NRAK- NRII-", r"[A-Za-z0-9_-]{27,}+"),
    _open("sentry_token", "sntrys_ sntryu_", r"[A-Za-z0-9+/=_]{60,}+"),
    _open("dynatrace_token", "dt0c01. dt0s01.", r"[A-Z2-7]{24}\.[A-Z2-7]{64}"),
    _exact("shopify_token", "shpat_ shpca_ shppa_ shpss_", r"[0-9a-fA-F]{32}"),
    _open("square_token", "sq0atp- sq0csp-", r"[\w-]{22,}+"),
    _open("linear_key", "lin_api_ lin_oauth_", r"[A-Za-z0-9]{40,}+"),
    _open("notion_token", "ntn_ secret_", r"(?=[A-Za-z]{0,20}\d)[A-Za-z0-9]{43,50}(?!\w)"),
    _open("airtable_token", "pat", r"[A-Za-z0-9]{14}\.[0-9a-f]{64}(?!\w)"),
    _open("figma_token", "figd_ figo_", r"[\w-]{38,}+"),
    _open("postman_key", "PMAK-", r"[0-9a-f]{24}-[0-9a-f]{34}"),
    _open("planetscale_token", "pscale_tkn_ pscale_pw_ pscale_oauth_", r"[\w.=-]{32,}+"),
    _open("supabase_key", "sbp_ sb_secret_", r"[\w-]{30,}+"),
    _open(
        "doppler_token",
        "dp.pt. dp.st. dp.ct. dp.sa.",
        r"(?:[a-z0-9_-]{2,35}\.)?[A-Za-z0-9]{40,44}",
    ),
    _open("onepassword_token", "ops_eyJ", r"[\w-]{200,}+"),
    _exact("alibaba_key", "LTAI", r"[A-Za-z0-9]{17,24}"),
    _exact("tencent_key", "AKID", r"[A-Za-z0-9]{32}"),
    SecretRule("jwt", ("eyj",), r"(?<![\w.-])eyJ[\w-]{10,}+\.eyJ[\w-]{10,}+\.[\w-]{10,}+"),
    SecretRule(
        "jwt", ("eyj",), r"(?<![\w.-])eyJ[\w-]{10,}+\.[\w-]*+(?:\.[\w-]{10,}+){3}"
    ),  # encrypted
)

"""The settings of the address that Sage listens on, and of access to it."""

from __future__ import annotations

from sage.config.choices import AuthMode
from sage.config.setting import (
    AllowedHosts,
    AllowedOrigins,
    BindHost,
    ClientHosts,
    Credential,
    PublishedAddresses,
    RedirectUris,
    SettingGroup,
    Subjects,
    TrustedProxies,
    WebAddress,
    setting,
)
from sage.config.values import DEFAULT_HOST, DEFAULT_PORT
from sage.phrases import phrase


class ServerSettings(SettingGroup, title=phrase("Server")):
    """The address that Sage listens on, and access to it."""

    host: BindHost = setting(
        "MCP_SERVER_HOST",
        "Address to listen on. Any address other than loopback requires a token.",
        default=DEFAULT_HOST,
        example="0.0.0.0",  # noqa: S104 - shown to people, not bound
    )
    port: int = setting(
        "MCP_SERVER_PORT",
        "Port to listen on.",
        default=DEFAULT_PORT,
        ge=1,
        le=65535,
        example="17801",
    )
    auth: AuthMode = setting(
        "SAGE_AUTH",
        "Whether a token is required. `auto`: if SAGE_TOKEN is set; `oauth`: also tokens by OAuth.",
        default=AuthMode.AUTO,
    )
    token: Credential | None = setting(
        "SAGE_TOKEN",
        "The bearer token, at least 32 characters. To generate one: `openssl rand -hex 32`.",
        default=None,
        min_length=32,
    )
    allowed_hosts: AllowedHosts = setting(
        "SAGE_ALLOWED_HOSTS",
        "Additional host names accepted in the Host header, separated by commas.",
        default=(),
        example="sage.example.org,10.0.0.7",
    )
    allowed_origins: AllowedOrigins = setting(
        "SAGE_ALLOWED_ORIGINS",
        "Additional origins of web pages accepted in the Origin header, separated by commas.",
        default=(),
        example="https://chat.example.org",
    )
    public_url: WebAddress | None = setting(
        "SAGE_PUBLIC_URL",
        "Public address of Sage, if it runs behind a reverse proxy.",
        default=None,
        example="https://sage.example.org",
    )
    published_addresses: PublishedAddresses = setting(
        "SAGE_PUBLISHED_ADDRESSES",
        "Addresses with ports, separated by commas, at which clients reach Sage if "
        "they differ from the ones it listens on, as in a container. Sage proves its "
        "identity to hooks only at its own addresses and these.",
        default=(),
        example="127.0.0.1:17800",
    )
    oauth_redirect_uris: RedirectUris = setting(
        "SAGE_OAUTH_REDIRECT_URIS",
        "Additional redirect URIs of apps that sign in by OAuth, separated by commas.",
        default=(),
    )
    oauth_client_hosts: ClientHosts = setting(
        "SAGE_OAUTH_CLIENT_HOSTS",
        "Hosts whose client ID metadata documents are read, separated by commas, or `none`. "
        "One that is not on the internet needs its address: `apps.example.org=10.1.2.3`.",
        default=("claude.ai", "chatgpt.com", "vscode.dev"),
    )
    oauth_issuer: WebAddress | None = setting(
        "SAGE_OAUTH_ISSUER",
        "External OAuth server whose signed tokens are accepted, in place of Sage's own.",
        default=None,
        example="https://id.example.org/realms/team",
    )
    oauth_jwks_url: WebAddress | None = setting(
        "SAGE_OAUTH_JWKS_URL",
        "URL of the public keys of SAGE_OAUTH_ISSUER (`jwks_uri` in its metadata).",
        default=None,
        example="https://id.example.org/realms/team/protocol/openid-connect/certs",
    )
    oauth_subjects: Subjects = setting(
        "SAGE_OAUTH_SUBJECTS",
        "Maps subjects of SAGE_OAUTH_ISSUER to tokens of Sage: SUBJECT=TOKEN_NAME, "
        "separated by commas. Other subjects are rejected.",
        default=(),
        example="anna@example.org=anna,5b7c2d=ben",
    )
    trusted_proxies: TrustedProxies = setting(
        "SAGE_TRUSTED_PROXIES",
        "Addresses or networks of reverse proxies whose X-Forwarded-For is trusted, separated "
        "by commas.",
        default=(),
        example="127.0.0.1,172.16.0.0/12",
    )
    drain_seconds: float = setting(
        "SAGE_DRAIN_SECONDS",
        "How many seconds Sage continues to serve requests after SIGTERM, with readiness "
        "already 503, so that a load balancer notices in time.",
        default=0,
        ge=0,
        le=15,
        example="5",
    )
    console: bool = setting(
        "SAGE_CONSOLE",
        "Whether `sage serve` also serves the web console at `/`.",
        default=True,
        example="false",
    )
    connector_tools: bool = setting(
        "SAGE_CONNECTOR_TOOLS",
        "Whether to also offer the tools `search` and `fetch`, which ChatGPT connectors require.",
        default=False,
        example="true",
    )
    metrics_port: int | None = setting(
        "SAGE_METRICS_PORT",
        "Additional port that serves `/metrics` alone, without a token.",
        default=None,
        ge=1,
        le=65535,
        example="17880",
    )
    metrics_host: BindHost = setting(
        "SAGE_METRICS_HOST",
        "Address of that port. Anyone who can reach it can read the metrics.",
        default=DEFAULT_HOST,
        example="0.0.0.0",  # noqa: S104 - shown to people, not bound
    )
    traces_url: WebAddress | None = setting(
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
        "Collector to send OpenTelemetry traces to, by OTLP over HTTP. Requires the extra `otel`.",
        default=None,
        example="http://127.0.0.1:4318/v1/traces",
    )

    @property
    def has_oauth(self) -> bool:
        """Whether AI clients obtain tokens by OAuth."""
        return self.auth is AuthMode.OAUTH

    @property
    def issues_tokens(self) -> bool:
        """Whether Sage itself is the OAuth server."""
        return self.has_oauth and self.oauth_issuer is None

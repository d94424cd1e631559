"""The variables about OAuth, a part of `sage.config.variables`."""

from sage.config.variable import Variable

OAUTH_VARIABLES = (
    Variable(
        "SAGE_OAUTH_REDIRECT_URIS",
        "server.oauth_redirect_uris",
        "Additional redirect URIs of apps that sign in by OAuth, separated by commas.",
    ),
    Variable(
        "SAGE_OAUTH_CLIENT_HOSTS",
        "server.oauth_client_hosts",
        "Hosts whose client ID metadata documents are read, separated by commas, or `none`. One "
        "that is not on the internet needs its address: `apps.example.org=10.1.2.3`.",
    ),
    Variable(
        "SAGE_OAUTH_ACCESS_HOURS",
        "server.oauth_access_hours",
        "Hours for which an access token of an app is valid.",
    ),
    Variable(
        "SAGE_OAUTH_REFRESH_DAYS",
        "server.oauth_refresh_days",
        "Days after which an app that was not used has to be allowed again.",
    ),
    Variable(
        "SAGE_OAUTH_ISSUER",
        "server.oauth_issuer",
        "An OAuth server whose signed tokens are taken, in place of Sage's own OAuth server.",
        "https://id.example.org/realms/team",
    ),
    Variable(
        "SAGE_OAUTH_JWKS_URL",
        "server.oauth_jwks_url",
        "Where the public keys of SAGE_OAUTH_ISSUER are (`jwks_uri` in its metadata).",
        "https://id.example.org/realms/team/protocol/openid-connect/certs",
    ),
    Variable(
        "SAGE_OAUTH_SUBJECTS",
        "server.oauth_subjects",
        "Which token of Sage each subject of SAGE_OAUTH_ISSUER stands for: SUBJECT=TOKEN_NAME, "
        "separated by commas. Others are refused.",
        "anna@example.org=anna,5b7c2d=ben",
    ),
)

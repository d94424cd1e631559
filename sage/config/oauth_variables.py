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
        "Hosts whose client ID metadata documents are read, separated by commas, or `none`.",
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
)

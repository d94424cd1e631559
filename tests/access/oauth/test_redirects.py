"""Where codes are sent: what AI clients register, and what the page says of it."""

import pytest

from sage.access.oauth.client_documents import ClientDocuments, Document
from sage.access.oauth.redirects import is_allowed_redirect
from sage.config.server_settings import ServerSettings
from tests.support.oauth_app import App, said

VS_CODE = {  # fetchDynamicRegistration, src/vs/base/common/oauth.ts
    "client_name": "Visual Studio Code",
    "client_uri": "https://code.visualstudio.com",
    "grant_types": ["authorization_code", "refresh_token"],
    "response_types": ["code"],
    "redirect_uris": [
        "https://insiders.vscode.dev/redirect",
        "https://vscode.dev/redirect",
        "http://127.0.0.1/",
        "http://127.0.0.1:33418/",
    ],
    "token_endpoint_auth_method": "none",
    "application_type": "native",
}
VS_CODE_DOCUMENT = """{
  "client_name": "Visual Studio Code",
  "logo_uri": "https://code.visualstudio.com/assets/branding/code-stable.png",
  "grant_types": ["authorization_code", "refresh_token",
                  "urn:ietf:params:oauth:grant-type:device_code"],
  "response_types": ["code"],
  "token_endpoint_auth_method": "none",
  "application_type": "native",
  "client_id": "https://vscode.dev/oauth/client-metadata.json",
  "client_uri": "https://vscode.dev/product",
  "redirect_uris": ["http://127.0.0.1:33418/", "https://vscode.dev/redirect"]
}"""
CURSOR_APP = "cursor://anysphere.cursor-mcp/oauth/callback"
CURSOR = {
    "client_name": "Cursor",
    "redirect_uris": [
        CURSOR_APP,
        "https://www.cursor.com/agents/mcp/oauth/callback",
        "http://localhost:8787/callback",
    ],
    "grant_types": ["authorization_code", "refresh_token"],
    "response_types": ["code"],
    "token_endpoint_auth_method": "none",
    "application_type": "web",
}
# Of these two the addresses are known word for word, and how Le Chat asks to show itself.
LE_CHAT = {
    "client_name": "Le Chat",
    "redirect_uris": ["https://callback.mistral.ai/v1/integrations_auth/oauth2_callback"],
    "token_endpoint_auth_method": "client_secret_basic",
}
COPILOT_STUDIO = {
    "client_name": "Copilot Studio",
    "redirect_uris": [
        "https://global.consent.azure-apim.net/redirect/cr938-5fzephyr-20mcp-5f43bcb8573bc3e84"
    ],
}


@pytest.fixture
async def app(sage):
    async with App(sage.url, sage.tokens["writer"]) as made:
        yield made


async def test_ai_clients_register_as_they_do_and_each_address_gets_a_code(app):
    failed = []
    for about in (VS_CODE, CURSOR, LE_CHAT, COPILOT_STUDIO):
        made = await app.http.post("/register", json=about)
        told = made.json()
        if made.status_code != 201 or told["redirect_uris"] != about["redirect_uris"]:
            failed.append((about["client_name"], told))
            continue
        for uri in about["redirect_uris"]:
            to = {"client_id": told["client_id"], "redirect_uri": uri}
            answered = await app.user.send(app.http, await app.page(**to))
            exchanged = await app.exchange(said(answered)["code"], **to)
            if not answered.headers["location"].startswith(uri) or exchanged.status_code != 200:
                failed.append((uri, answered.headers["location"], exchanged.text))
    assert failed == []


async def test_vs_code_is_known_by_its_document():
    async def fetch(_url, _address):
        return Document(VS_CODE_DOCUMENT.encode(), 0.0)

    documents = ClientDocuments(ServerSettings().oauth_client_hosts, (), fetch)
    client = await documents.client("https://vscode.dev/oauth/client-metadata.json")
    assert [*map(str, client.redirect_uris)] == [
        "http://127.0.0.1:33418/",
        "https://vscode.dev/redirect",
    ]


async def test_the_page_says_when_an_app_of_this_computer_gets_access(app):
    places = {
        "http://127.0.0.2:9/cb": "a program on this computer (127.0.0.2:9)",
        "http://sage.localhost/cb": "a program on this computer (sage.localhost)",
        CURSOR_APP: "an app on this computer that opens cursor://anysphere.cursor-mcp",
        "https://vscode.dev/redirect": "<strong>vscode.dev</strong>",
    }
    made = await app.register(redirect_uris=[*places])
    assert made.json()["redirect_uris"] == [*places]
    for uri, place in places.items():
        page = await app.page(client_id=made.json()["client_id"], redirect_uri=uri)
        assert place in page.text, uri


def test_no_address_that_runs_or_opens_a_file_is_allowed():
    for uri in (
        "javascript:alert(1)",
        "javascript://anysphere.cursor-mcp/oauth/callback",
        "data:text/html,x",
        "file:///etc/passwd",
        "cursor://evil.example/oauth/callback",
        f"{CURSOR_APP}?next=1",
        f"{CURSOR_APP}/..",
        "https://global.consent.azure-apim.net/redirect/",
        "https://global.consent.azure-apim.net/redirect/a/b",
        "https://global.consent.azure-apim.net.evil.example/redirect/a",
    ):
        assert not is_allowed_redirect(uri), uri

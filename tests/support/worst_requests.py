"""Requests that cost a server the most: what to send to each route, up to a size."""

import json
from urllib.parse import quote

from tests.support.routes import served_routes

FORM, JSON, MULTIPART = (
    "application/x-www-form-urlencoded",
    "application/json",
    "multipart/form-data; boundary=b",
)
_DEPTH, _MARKS = 64, 32_768
_PARAMETER = 2_000


def sized(text, size, before="", after=""):
    """Repeat a text up to a size, within what stands around it."""
    return before + text * ((size - len(before) - len(after)) // len(text)) + after


def forms(size):
    """Return forms: many fields, empty ones, long ones, escapes, fields of known names."""
    refresh = "grant_type=refresh_token&client_id=a&refresh_token=b&scope="
    exchange = "grant_type=authorization_code&client_id=a&code=b&code_verifier="
    texts = {
        "&": sized("&", size),
        "fields": sized("a&", size),
        "990 fields, then &": sized("&", size, "a=b&" * 990),
        "known fields": sized("token=a&client_id=b&", size),
        "%zz": sized("%zz", size, "a="),
        "%F0": sized("%F0%9F%98%80", size, "token=a&client_id="),
        "+": sized("+", size, "a="),
        "=": sized("=", size),
        "long code": sized("c", size, exchange.replace("code=b", "code_verifier=v&code=")),
        "long verifier": sized("v", size, exchange),
        "long redirect": sized("%20", size, exchange + "v" * 43 + "&redirect_uri=http://h/"),
        "long resource": sized("/", size, exchange + "v" * 43 + "&resource=http://h/"),
        "long scope": sized("a+", size, refresh),
        "long token": sized("t", size, "client_id=a&token="),
    }  # fmt: skip
    return [(f"form, {name}", FORM, text) for name, text in texts.items()]


def multiparts(size):
    """Return forms in parts."""
    part = '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n'
    file = '--b\r\nContent-Disposition: form-data; name="a"; filename="f"\r\n\r\nx\r\n'
    texts = {
        "parts": sized(part, size, after="--b--"),
        "files": sized(file, size, after="--b--"),
        "headers": sized("a: b\r\n", size, "--b\r\n"),
        "boundaries": sized("\r\n--", size, "--b\r\n\r\n"),
        "broken": sized("-", size),
    }
    return [(f"multipart, {name}", MULTIPART, text) for name, text in texts.items()]


def documents(size):
    """Return JSON: nested, long, of many values, strings, escapes, numbers and names."""
    marks = min(_MARKS // 2, size // 8)
    texts = {
        "brackets": sized("[", size),
        "deep": sized("[" * _DEPTH + "]" * _DEPTH + ",", min(size, _MARKS), "[", "0]"),
        "commas": sized(",", size),
        "values": "[" + ",".join("0" * marks) + "]",
        "names": "{" + ",".join(f'"{n}":0' for n in range(min(_MARKS, size // 9) - 1)) + "}",
        "quotes": sized('"', size),
        "strings": '{"a":[' + sized('"",', min(size, 3 * marks)) + '""]}',
        "one string": sized("a", size, '{"a":"', '"}'),
        "escapes": sized("\\u0041", size, '{"a":"', '"}'),
        "backslashes": sized("\\\\", size, '{"a":"', '"}'),
        "open escapes": sized('\\"', size, '"'),
        "digits": sized("9", size, "[", "]"),
        "numbers": sized("9" * 4_299 + ",", size, "[", "0]"),
        "fractions": sized("0." + "1" * 300 + ",", size, "[", "0]"),
        "blanks": sized(" ", size, "{", "}"),
        "wide": sized("字", size // 3, '{"a":"', '"}'),
    }
    return [(f"JSON, {name}", JSON, text) for name, text in texts.items()]


def registrations(size):
    """Return registrations whose lists are long."""
    about = {"client_name": "A", "redirect_uris": ["http://127.0.0.1/"]}

    def registering(name, value):
        most = (size - 200) // (len(json.dumps(value)) + 1)
        return json.dumps(about | {name: [value] * most}, separators=(",", ":"))

    texts = {
        "redirect addresses": registering("redirect_uris", "http://127.0.0.1/"),
        "known redirect addresses": registering(
            "redirect_uris", "https://claude.ai/api/mcp/auth_callback"
        ),
        "odd redirect addresses": registering("redirect_uris", "a:b"),
        "response types": registering("response_types", 1),
        "grant types": registering("grant_types", "a"),
        "contacts": registering("contacts", 1),
        "keys": json.dumps(about | {"jwks": [[]] * (size // 8)}, separators=(",", ":")),
        "name": json.dumps(about | {"client_name": "\u202e" * (size // 8)}),
        "scope": json.dumps(about | {"scope": "a " * (size // 3)}),
        "one address": json.dumps(about | {"redirect_uris": ["http://h/" + "%20" * (size // 4)]}),
    }
    return [(f"registration, {name}", JSON, text) for name, text in texts.items()]


def calls(size):
    """Return MCP messages: of unknown methods and tools, and calls whose arguments are wrong."""

    def message(method, **params):
        return json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})

    def calling(name, **arguments):
        return message("tools/call", name=name, arguments=arguments)

    room = size - 400
    values = "[" + ",".join(["0"] * (_MARKS // 2)) + "]"
    texts = {
        "method": message("m" * room),
        "tool": calling("t" * room),
        "argument": calling("search_memory", query="q" * room),
        "names": calling("search_memory", **{f"a{n}": 0 for n in range(_MARKS - 100)}),
        "list": calling("get_memories", memory_ids=["a"] * (_MARKS - 100)),
        "list in text": calling("get_memories", memory_ids=values),
        "metadata": calling("save_conversation", user_prompt="a", assistant_response="b",
                            metadata={f"a{n}": [] for n in range(_MARKS // 4)}),
        "messages": calling("save_conversation", messages=[{"role": 1}] * (_MARKS // 4)),
        "pair": calling("save_conversation", user_prompt="a" * room, assistant_response="b"),
        "resource": message("resources/read", uri="sage://memory/session/" + "a" * room),
        "initialize": message("initialize", protocolVersion="v" * room, capabilities={},
                              clientInfo={"name": "n", "version": "v"}),
        "batch": "[" + ",".join([message("ping")] * (_MARKS // 8)) + "]",
        "notification": json.dumps({"jsonrpc": "2.0", "method": "tools/call",
                                    "params": {"name": "save_conversation", "a": "a" * room}}),
    }  # fmt: skip
    return [(f"MCP, {name}", JSON, text) for name, text in texts.items() if len(text) <= size]


def queries(most):
    """Return query strings."""
    known = "response_type=code&client_id=a&code_challenge=b&redirect_uri=http://h/&state="
    return [
        ("query, fields", sized("a&", most)),
        ("query, &", sized("&", most)),
        ("query, %zz", sized("%zz", most, "a=")),
        ("query, %F0", sized("%F0", most, "request=")),
        ("query, page", sized("9", most, "limit=")),
        ("query, state", sized("s", most, known)),
        ("query, id", "client_id=" + quote("https://claude.ai/" + "a/" * (most // 2 - 80))),
    ]


def headers(most):
    """Return heads: long, of many lines, of a long token, host, origin or address."""
    long = "a" * most
    return [
        ("head, token", [("authorization", f"Bearer {long}")]),
        ("head, cookies", [("cookie", sized("a=b;", most))]),
        ("head, addresses", [("x-forwarded-for", sized("1.1.1.1,", most))]),
        ("head, languages", [("accept-language", sized("a,", most))]),
        ("head, lines", [(f"x-{n}", "a" * (most // 100)) for n in range(90)]),
        ("head, origin", [("origin", long)]),
        ("head, type", [("content-type", sized("a;", most, f"{FORM}; "))]),
        ("head, accept", [("accept", sized("a/b,", most))]),
    ]


def paths(app):
    """Return every method and path that an application serves, parameters filled in."""
    for method, path in sorted(served_routes(app)):
        filled = path
        while "{" in filled:
            begin, _, rest = filled.partition("{")
            filled = begin + "p" * _PARAMETER + rest.partition("}")[2]
        yield method, filled

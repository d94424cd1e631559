import io
import json
import logging
import warnings
from concurrent.futures import ThreadPoolExecutor

import pytest

from sage.telemetry.logs import configure_logging, get_logger, request_id

CANARY = "canary0123456789abcdef"
LIBRARIES = ["asyncio", "asyncpg", "httpcore", "httpx", "mcp", "uvicorn", "uvicorn.access"]


class Terminal(io.StringIO):
    isatty = staticmethod(lambda: True)


@pytest.fixture(autouse=True)
def _logging_as_before():
    loggers = [logging.getLogger(name) for name in ["", *LIBRARIES, "uvicorn.error", "sage.test"]]
    before = [(one, one.level, one.propagate, one.handlers[:]) for one in loggers]
    yield
    logging.captureWarnings(capture=False)
    for one, level, propagate, handlers in before:
        one.setLevel(level)
        one.propagate = propagate
        one.handlers[:] = handlers


@pytest.fixture(params=["json", "console"])
def form(request):
    return request.param


@pytest.fixture
def log():
    return get_logger("sage.test")


def start(form="json", level="INFO", stream=None, **rest):
    """Configure logging and give the stream it goes to."""
    out = io.StringIO() if stream is None else stream
    configure_logging(level, form, stream=out, **rest)
    return out


def entries(out):
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_a_line_says_when_where_what_and_the_values(log):
    out = start()
    log.info("saved", memories=2, took_ms=1.5)
    (entry,) = entries(out)
    assert list(entry) == ["timestamp", "level", "logger", "event", "memories", "took_ms"]
    assert entry["timestamp"].endswith("Z")
    assert list(entry.values())[1:] == ["info", "sage.test", "saved", 2, 1.5]


def test_nothing_is_ever_written_to_standard_output(log, capsys):
    configure_logging("DEBUG", "json")
    log.debug("first")
    logging.getLogger("uvicorn.error").info("second")
    out, err = capsys.readouterr()
    assert out == ""
    assert [json.loads(line)["event"] for line in err.splitlines()] == ["first", "second"]


def test_a_logger_works_before_logging_is_configured(log, capsys):
    logging.getLogger().handlers[:] = []
    logging.getLogger().setLevel(logging.WARNING)
    log.warning("early")
    out, err = capsys.readouterr()
    assert out == ""
    assert "early" in err


@pytest.mark.parametrize("level", ["DEBUG", "info", "WARNING", "ERROR"])
def test_lines_below_the_level_are_not_written(log, level):
    out = start(level=level)
    names = ["debug", "info", "warning", "error"]
    for name in names:
        getattr(log, name)(name)
    assert [entry["event"] for entry in entries(out)] == names[names.index(level.lower()) :]


@pytest.mark.parametrize("name", ["uvicorn.error", "mcp.server", "any.library"])
def test_lines_of_libraries_go_the_same_way(name):
    out = start()
    logging.getLogger(name).warning("%s of %d", "one", 2)
    (entry,) = entries(out)
    assert entry.items() >= {"logger": name, "event": "one of 2", "level": "warning"}.items()


def test_handlers_that_uvicorn_put_up_are_taken_down():
    other = io.StringIO()
    logger = logging.getLogger("uvicorn.access")
    logger.addHandler(logging.StreamHandler(other))
    logger.propagate = False
    out = start()
    logger.info("GET /health 200")
    assert len(entries(out)) == 1
    assert other.getvalue() == ""


@pytest.mark.parametrize(
    ("name", "level"), [("asyncpg.pool", "WARNING"), ("httpx", "INFO"), ("mcp.server", "INFO")]
)
@pytest.mark.parametrize("least", ["DEBUG", "INFO"])
def test_the_noise_of_libraries_is_left_out(name, level, least):
    out = start(level=least)
    logging.getLogger(name).log(getattr(logging, level), "noise")
    logging.getLogger(name).error("loud")
    assert [entry["event"] for entry in entries(out)] == ["loud"]


def test_warnings_of_python_become_lines():
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        out = start()
        warnings.warn("old habit", stacklevel=1)
    assert "old habit" in entries(out)[0]["event"]


def test_configuring_twice_writes_once_and_leaves_other_handlers(log):
    other = logging.NullHandler()
    logging.getLogger().addHandler(other)
    first, second = start(), start()
    log.info("once")
    assert first.getvalue() == ""
    assert len(entries(second)) == 1
    assert other in logging.getLogger().handlers


def test_the_request_id_is_on_every_line_of_the_request(log, form):
    out = start(form)
    token = request_id.set("req-1")
    log.info("ours")
    logging.getLogger("uvicorn.access").info("theirs")
    request_id.reset(token)
    log.info("after")
    assert ["req-1" in line for line in out.getvalue().splitlines()] == [True, True, False]


@pytest.mark.parametrize(
    "text",
    ["a\nFAKE line", "a\r\nb", "a\x1b[2Jb", "a\x85b", "a\u2028b", "a\0b", "a\ud800b", "a\x9bb"],
)
def test_a_line_stays_one_line_whatever_is_logged(log, form, text):
    logging.getLogger().handlers[:] = []  # those of pytest keep what its reports cannot carry
    out = start(form)
    log.warning(text, value=text, nested={text: [text]}, **{text: "key"})
    logging.getLogger("library").warning("%s", text)
    lines = out.getvalue().encode().decode().splitlines()
    assert len(lines) == 2
    assert all(line.isprintable() for line in lines)


def test_only_what_cannot_be_printed_is_escaped(log):
    out = start()
    log.info("C:\\dir 'it' \u8336\n\x1b")
    assert entries(out)[0]["event"] == "C:\\dir 'it' \u8336\\n\\x1b"


def fail(message, kind=RuntimeError):
    raise kind(message)


def test_a_traceback_cannot_pass_for_lines_of_the_log(log, form):
    out = start(form)
    try:
        fail("bad\n2026-01-01T00:00:00Z [info] FAKE\x1b[2J")
    except RuntimeError:
        log.exception("failed")
        logging.getLogger("library").exception("failed too")
    lines = out.getvalue().splitlines()
    assert "\x1b" not in out.getvalue()
    if form == "json":
        assert ["RuntimeError" in entry["exception"] for entry in entries(out)] == [True, True]
    else:
        assert sum(line.startswith("    | RuntimeError: bad") for line in lines) == 2
        assert all(line.startswith("    | ") for line in lines if "failed" not in line)


@pytest.mark.parametrize(
    "key",
    [
        "token",
        "sage_token",
        "access_token",
        "Authorization",
        "X-Api-Key",
        "password",
        "DB_PASSWORD",
        "client_secret",
        "cookie",
        "dsn",
        "DATABASE_URL",
    ],
)
def test_secrets_are_masked_by_the_name_of_their_key(log, form, key):
    out = start(form)
    log.info("called", **{key: CANARY}, headers={key: [CANARY]}, rows=[{key: {"x": CANARY}}])
    assert CANARY not in out.getvalue()
    assert "********" in out.getvalue()


@pytest.mark.parametrize("key", ["tokens", "max_context_tokens", "idempotency_key", "token_count"])
def test_keys_that_only_sound_like_secrets_are_shown(log, key):
    out = start()
    log.info("packed", **{key: "4711"})
    assert entries(out)[0][key] == "4711"


@pytest.mark.parametrize(
    "text",
    [
        "connect to postgresql://sage:{}@db:5432/sage",
        "Authorization: Bearer {}",
        "GET /mcp?token={}&x=1",
        "api_key={}",
        "key sk-{} was refused",
        "1 error: content [type=string_type, input_value='{}', input_type=str]",
        "DETAIL:  Failing row contains (default, {}, now).",
        "DETAIL:  Key (content)=({}) is too long.",
    ],
)
def test_secrets_and_content_inside_of_text_are_masked(log, form, text):
    out = start(form)
    log.info(text.format(CANARY), value=text.format(CANARY))
    logging.getLogger("library").warning(text.format(CANARY))
    try:
        fail(text.format(CANARY))
    except RuntimeError:
        log.exception("failed")
    assert CANARY not in out.getvalue()


@pytest.mark.parametrize(
    "key",
    ["content", "text", "query", "messages", "user_prompt", "assistant_response", "metadata"],
)
def test_what_people_said_is_replaced_by_its_size(log, form, key):
    out = start(form)
    log.info("called", **{key: CANARY}, arguments={key: [CANARY, CANARY]})
    assert CANARY not in out.getvalue()
    assert f"<{len(CANARY)} long>" in out.getvalue()


def test_long_text_is_cut(log):
    out = start()
    log.info("x" * 100_000, value="y" * 100_000)
    assert len(out.getvalue()) < 5_000


def test_any_object_can_be_logged(log, form):
    out = start(form)
    deep = {}
    deep["deep"] = [deep]
    log.info("odd", thing=object(), many={1, 2}, nothing=None, error=ValueError("x"), deep=deep)
    log.info("numbers", nan=float("nan"), flag=True, half=0.5)
    assert len(out.getvalue().splitlines()) == 2
    expected = {"nan": "nan", "flag": True, "half": 0.5}.items()
    assert form == "console" or expected <= entries(out)[1].items()


def test_auto_is_console_on_a_terminal_and_json_elsewhere(log):
    terminal, file = Terminal(), io.StringIO()
    for out in (terminal, file):
        start("auto", stream=out)
        log.info("hello")
    asked = start("json", stream=Terminal())
    log.info("hello")
    assert entries(asked)
    assert json.loads(file.getvalue())["event"] == "hello"
    assert "\x1b[" in terminal.getvalue()


def test_colours_can_be_switched_off(log):
    out = start("console", stream=Terminal(), colors=False)
    log.info("hello")
    assert "hello" in out.getvalue()
    assert "\x1b" not in out.getvalue()


def test_a_thousand_requests_at_once_give_a_thousand_whole_lines(log):
    out = start()

    def serve(thread):
        for number in range(100):
            token = request_id.set(f"{thread}-{number}")
            log.info("request\n", body=CANARY, path="/mcp\r\n")
            request_id.reset(token)

    with ThreadPoolExecutor(10) as pool:
        list(pool.map(serve, range(10)))
    assert len({entry["request_id"] for entry in entries(out)}) == 1_000
    assert len(entries(out)) == 1_000
    assert CANARY not in out.getvalue()

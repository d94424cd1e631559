"""A Sage elsewhere that is reached by a proxy, which hooks use whatever their environment says."""

import pytest

from tests.clients.command.test_connect import FACT, remember
from tests.clients.command.tls import tls_in_front_of
from tests.support.networks import connecting_proxy
from tests.support.ports import free_port

USER = "anna:pass word/1"
IN_URL = "anna:pass%20word%2F1"


@pytest.fixture
def proxied(sage_url, tmp_path):
    """Yield the address of a Sage behind TLS, its authorities, a proxy, and what that connected."""
    with (
        tls_in_front_of(sage_url, "", tmp_path) as (url, ca),
        connecting_proxy(USER) as (port, made),
    ):
        yield url, ca, f"http://{IN_URL}@127.0.0.1:{port}", made


def test_hooks_use_the_proxy_that_was_named_and_show_its_password_to_nobody_else(machine, proxied):
    url, ca, proxy, made = proxied
    told = machine.connect(url, "--ca", ca, "--proxy", proxy)
    assert FACT in remember(machine)
    assert {*made} == {url.removeprefix("https://")}
    before = len(made)
    status = machine.run("status", token="")
    assert len(made) > before
    name = proxy.rpartition("@")[2]
    for text in (told, status):
        assert f"proxy {name}" in " ".join(text.split())
        assert "pass" not in text
    assert (machine.data_dir / "hooks/server.json").stat().st_mode & 0o077 == 0
    wrong = machine.run("connect", "--proxy", proxy.replace("anna", "berta"), code=1)
    assert f"the proxy {name} could not connect: it requires a user name and a password" in wrong
    nobody = f"http://127.0.0.1:{free_port()}"
    assert "could not connect: Connection refused" in machine.run(
        "connect", "--proxy", nobody, code=1
    )
    assert name in machine.run("status", token="")
    machine.run("connect", "--proxy", "none")
    before = len(made)
    assert "\nproxy " not in machine.run("status", token="")
    assert len(made) == before


def test_the_proxy_of_the_environment_is_recorded_unless_that_excepts_the_host(machine, proxied):
    url, ca, proxy, made = proxied
    machine.environ = {"https_proxy": proxy, "NO_PROXY": "localhost"}
    machine.connect(url, "--ca", ca)
    assert made == []
    machine.environ = {"HTTPS_PROXY": proxy, "NO_PROXY": "example.org"}
    assert "`--proxy none` disables it" in machine.connect(url, "--ca", ca)
    connected = len(made)
    assert connected
    machine.environ = {}
    machine.connect(url, "--ca", ca)  # as it was recorded
    assert len(made) > connected


def test_what_no_proxy_can_do_is_refused(machine, sage_url):
    machine.environ = {"HTTPS_PROXY": "socks5://anna:secret@127.0.0.1:1080"}
    for words, told in (
        (
            ("--url", sage_url, "--proxy", "http://proxy:3128"),
            "--proxy only applies to https:// addresses",
        ),
        (("--url", "https://memory"), "HTTPS_PROXY is not the address of an HTTP proxy"),
        (
            ("--url", "https://memory", "--proxy", "http://x:y"),
            "--proxy is not the address of an HTTP",
        ),
        (("--remove", "--proxy", "none"), "--proxy cannot be combined with --remove"),
    ):
        shown = machine.run("connect", "claude-code", *words, code=2)
        assert told in shown
        assert "secret" not in shown
    machine.connect(sage_url)  # without TLS nothing of the environment's is used

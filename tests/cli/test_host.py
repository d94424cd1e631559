"""What a Sage in a container leaves to the host, where the AI clients are."""

from tests.support.each import each

WORDS = {
    ("pause", "2h"): "run `python3 sage-client.pyz pause 2h` there",
    ("pause",): "run `python3 sage-client.pyz pause` there",
    ("resume",): "run `python3 sage-client.pyz resume` there",
    ("forget", "--this-session"): "run `python3 sage-client.pyz forget --this-session` there",
    ("import", "--list"): "run `python3 sage-client.pyz import --list` there",
    ("connect", "--remove"): (
        "run `curl -fsSO http://127.0.0.1:17801/client/sage-client.pyz` there, then"
        " `python3 sage-client.pyz connect --url http://127.0.0.1:17801"
        " --token-file secrets/sage_token`"
    ),
}


@each("words", WORDS)
def test_what_is_about_ai_clients_is_refused_in_the_container_and_the_command_there_is_named(
    sage, monkeypatch, tmp_path, words
):
    monkeypatch.setenv("SAGE_PUBLISHED_ADDRESSES", "127.0.0.1:17801")
    monkeypatch.setenv("COLUMNS", "250")
    monkeypatch.setattr("sage.cli.host.is_own_image", lambda: True)
    refused = sage("--data-dir", tmp_path / "data", *words)
    assert (refused.code, refused.out) == (1, "")
    assert "hooks are on the host, and this container has Sage alone" in refused.err
    assert f"fix: {WORDS[words]}\n" in refused.err
    assert not (tmp_path / "data").exists()

"""What people have in their hands without a Sage of their own: pauses, settings, the status."""

from tests.support.polling import wait_for


def test_a_pause_is_shown_when_a_session_begins_and_in_the_status(machine, sage_url):
    before = machine.files()
    assert "so there are no hooks to pause" in machine.run("pause", "90m", token="", code=1)
    assert machine.files() == before
    machine.connect(sage_url)
    assert "hooks are paused until " in machine.run("pause", "90m", token="")
    (machine.home / ".codex").mkdir()
    told = machine.run("connect", "--yes", "--no-import")
    assert "sage-client.pyz' resume  (hooks are paused until " in told
    machine.wait_to_be_shown("Sage is paused until ", session_id="paused")
    machine.fire("stop", last_assistant_message="Secret.", prompt_id="p", session_id="paused")
    wait_for(lambda: not list((machine.data_dir / "hooks/spool").glob("*.json")))
    assert machine.captured() == 0
    status = machine.run("status", token="")
    assert "\npaused      paused until " in status
    assert len(status.splitlines()) <= 10
    machine.run("resume", token="")
    assert "\npaused      no\n" in machine.run("status", token="")
    machine.fire("stop", last_assistant_message="Open.", prompt_id="q", session_id="paused")
    wait_for(lambda: machine.captured() == 1)


def test_a_length_that_is_none_is_refused_with_its_line_and_keeps_messages_whole(machine, sage_url):
    machine.connect(sage_url)
    file = machine.token_file.with_name("client.env")
    file.write_text("SAGE_HOOK_MAX_CHARS=999\n")
    told = machine.run("connect", "codex", "--hooks", "--url", sage_url, code=1)
    assert f"{file} line 1: SAGE_HOOK_MAX_CHARS is not a whole number from 1,000 to" in told
    assert "fix: correct the hook setting named above" in told
    machine.fire("stop", last_assistant_message="Long. " * 200, prompt_id="p")
    machine.wait_until_captured()
    assert "SAGE_HOOK_MAX_CHARS is not" in machine.run("status", token="", code=1)
    machine.run("connect", "claude-code", "--remove")


def test_settings_stand_in_a_file_of_the_client_which_the_status_checks(machine, sage_url):
    machine.connect(sage_url)
    file = machine.token_file.with_name("client.env")
    file.write_text(f"SAGE_HOOK_IGNORE={machine.home}/private\nSAGE_HOOK_WORKTREES=yes\n")
    (machine.home / "private").mkdir()
    status = machine.run("status", token="", code=1)
    assert f"\nignored     {machine.home}/private\n" in status
    assert f"\nsettings    {file}\n" in status
    assert "line 2: SAGE_HOOK_WORKTREES is neither apart nor together; write one of" in status
    cwd = str(machine.home / "private")
    for said, where in (("Secret.", {"cwd": cwd}), ("Open.", {})):
        machine.fire("stop", last_assistant_message=said, prompt_id=said, **where)
    wait_for(lambda: not list((machine.data_dir / "hooks/spool").glob("*.json")))
    wait_for(lambda: machine.captured() == 1)

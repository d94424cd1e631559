"""Tools that are newer than the server, as those of the image for backups often are."""

import asyncio

from sage.cli.main import main
from tests.support.backups import EVERYTHING, ask, fill_spaces
from tests.support.old_postgres import OLD, bring_up_to_date, initdb, served


def test_a_backup_of_an_older_server_is_restored_into_one(tmp_path, monkeypatch, capfd):
    monkeypatch.setattr("sage.operations.backup.tools._installed_folders", lambda: ())
    folder = tmp_path / "server"
    folder.mkdir(mode=0o700)
    initdb(folder / "postgres")
    with served(folder, OLD) as dsn:
        asyncio.run(bring_up_to_date(dsn))
        fill_spaces(dsn)
        ask(dsn, "CREATE DATABASE other")
        other = dsn.replace("/sage?", "/other?")
        options = ("--data-dir", str(tmp_path / "data"))
        monkeypatch.setenv("DATABASE_URL", dsn)
        assert main(["backup", str(tmp_path / "x.backup"), *options]) == 0, capfd.readouterr().err
        monkeypatch.setenv("DATABASE_URL", other)
        assert main(["restore", str(tmp_path / "x.backup"), *options]) == 0, capfd.readouterr().err
        assert ask(other, EVERYTHING) == ask(dsn, EVERYTHING)

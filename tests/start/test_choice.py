"""With Docker or embedded: what is taken when the command line does not say, and what is told."""

from __future__ import annotations

import pytest

EMBEDDED, WITH_DOCKER = "Using the embedded PostgreSQL: ", "Using Docker: "


def choice(start):
    """Give the line that says what was taken; without builders and Python, no start goes far."""
    assert start.returncode == 1
    (line,) = [line for line in start.stderr.splitlines() if line.startswith(("Using", "With"))][:1]
    return line


def hold_embedded_data(machine):
    cluster = machine.data_dir / "postgres"
    cluster.mkdir(parents=True)
    (cluster / "PG_VERSION").write_text("17\n")


def hold_docker_password(machine):
    (machine.checkout / "secrets").mkdir()
    (machine.checkout / "secrets/db_password").write_text("kept")


def test_docker_is_taken_where_an_engine_answers(docker_machine):
    assert choice(docker_machine()) == (
        f"{WITH_DOCKER}engine 29.1.0 is running (to run without it: --embedded)"
    )


def test_without_docker_it_is_the_embedded_one(machine):
    assert choice(machine()) == (f"{EMBEDDED}Docker is not installed (to use Docker: --docker)")


def test_data_in_the_data_directory_is_not_left_for_docker(docker_machine):
    hold_embedded_data(docker_machine)
    assert choice(docker_machine()).startswith(
        f"{EMBEDDED}the data is in {docker_machine.data_dir}"
    )
    both = choice(docker_machine(FAKE_VOLUME="yes"))
    assert both.startswith(EMBEDDED)
    assert "sage_postgres-data" in both


def test_data_in_a_volume_is_not_left_for_an_embedded_database(docker_machine):
    hold_docker_password(docker_machine)
    start = docker_machine(FAKE_VOLUME="yes")
    assert choice(start).startswith(f"{WITH_DOCKER}the data is in its volume sage_postgres-data")
    assert "Python" not in start.stderr


def test_a_docker_that_was_used_and_is_away_is_not_replaced_in_silence(docker_machine):
    hold_docker_password(docker_machine)
    for args in ((), ("--status",), ("--stop",), ("--logs",)):
        refused = docker_machine(*args, FAKE_INFO="Cannot connect to the Docker daemon")
        assert refused.returncode == 1
        assert "Sage ran with Docker here, but now no Docker engine is running" in refused.stderr
        assert "fix: start it" in refused.stderr


@pytest.mark.parametrize("name", ["DATABASE_URL", "DB_HOST"])
def test_a_database_of_ones_own_is_taken_and_said(docker_machine, name):
    assert choice(docker_machine(**{name: "x"})) == (
        f"Without Docker: {name} names your own database"
    )
    refused = docker_machine("--docker", **{name: "x"})
    assert refused.returncode == 1
    assert f"--docker was asked for, but {name} names another database" in refused.stderr


@pytest.mark.parametrize(
    "line", ["DB_HOST=there", " export DB_HOST = 'there' # mine", 'DB_HOST="a"']
)
def test_dotenv_counts_for_the_choice(docker_machine, line):
    (docker_machine.checkout / ".env").write_text(f"DB_HOST=\n{line}\r\n")
    assert "DB_HOST names your own database" in choice(docker_machine())


def test_an_empty_line_of_dotenv_is_no_choice(docker_machine):
    (docker_machine.checkout / ".env").write_text("DB_HOST=\nDATABASE_URL= # none\n#DB_HOST=x\n")
    assert choice(docker_machine()).startswith(WITH_DOCKER)


def test_a_data_directory_means_embedded(docker_machine, tmp_path):
    assert "Python" in docker_machine("--data-dir", tmp_path / "here").stderr
    assert choice(docker_machine(SAGE_DATA_DIR=str(tmp_path / "here"))).startswith(
        "Without Docker: SAGE_DATA_DIR is set"
    )


def test_a_toml_file_which_the_container_does_not_read_means_embedded(docker_machine):
    (docker_machine.checkout / "sage.toml").write_text("[database]\n")
    assert choice(docker_machine()).startswith("Without Docker: sage.toml is set")


def test_images_that_cannot_be_had_leave_the_embedded_one(docker_machine):
    start = docker_machine()
    assert "Continuing without Docker: python:3.13-slim-trixie@sha256:" in start.stderr
    assert "can neither be pulled nor made here" in start.stderr
    assert "Sage needs Python 3.11 or newer" in start.stderr
    assert not (docker_machine.checkout / "secrets").exists()

from dataclasses import replace

import pytest

from sage.config.container import Container
from sage.config.load import read_configuration
from sage.config.paths import Paths


@pytest.fixture
def folder(tmp_path):
    """Give the folder of Sage's own files, which is also the working directory and the home."""
    return tmp_path


@pytest.fixture
def paths(folder):
    """Give the paths of a Sage whose own folder is `folder`."""
    return replace(Paths.of({"HOME": str(folder)}, folder), own=folder)


@pytest.fixture
def read(folder):
    """Read a configuration from given variables alone, as a process in `folder` would."""

    def configuration(environ=None, /, *, container=None, home=True, cwd=None, own=folder, **rest):
        around = container or Container(detected=False)
        environ = ({"HOME": str(folder)} if home else {}) | (environ or {})
        paths = replace(Paths.of(environ, cwd or folder), own=own)
        return read_configuration(environ=environ, paths=paths, container=around, **rest)

    return configuration


@pytest.fixture
def settings_of(read):
    """Read settings that must be without an error."""

    def usable(*args, **rest):
        found = read(*args, **rest)
        assert found.settings is not None, found.problems
        return found.settings

    return usable


@pytest.fixture
def errors_of(read):
    """Read a configuration and give its errors by variable."""

    def errors(*args, **rest):
        found = read(*args, **rest)
        wrong = [problem for problem in found.problems if not problem.warning]
        assert (found.settings is None) == bool(wrong)
        assert len({problem.variable for problem in wrong}) == len(wrong)
        return {problem.variable: problem for problem in wrong}

    return errors


@pytest.fixture
def warnings_of(read):
    """Read a configuration that can be used and give its warnings by variable."""

    def warnings(*args, **rest):
        found = read(*args, **rest)
        assert found.settings is not None, found.problems
        return {problem.variable: problem for problem in found.problems}

    return warnings

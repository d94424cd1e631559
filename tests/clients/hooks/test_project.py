"""A folder belongs to the repository that counts it among its worktrees, whatever it claims."""

import os
import subprocess

from sage.clients.hooks.project import project_of

_GIT = (
    "git",
    "-c",
    "user.name=A",
    "-c",
    "user.email=a@localhost",
    "-c",
    "protocol.file.allow=always",
)


def git(folder, *words):
    command = [*_GIT, "-C", folder, *words]
    subprocess.run(command, check=True, capture_output=True, timeout=60)


def repository(folder):
    git(folder.parent, "init", "--quiet", folder.name)
    git(folder, "commit", "--quiet", "--allow-empty", "--message", "one")
    return folder


def test_worktrees_share_the_project_of_their_repository_and_submodules_have_their_own(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path)
    main, library = repository(tmp_path / "main"), repository(tmp_path / "library")
    git(main, "submodule", "--quiet", "add", library, "worktrees/library")
    git(main, "commit", "--quiet", "--message", "two")
    git(main, "worktree", "add", "--quiet", tmp_path / "tree")
    git(main, "worktree", "add", "--quiet", tmp_path / "link/linked")
    git(main, "worktree", "add", "--quiet", tmp_path / "first")
    git(main, "worktree", "move", tmp_path / "first", tmp_path / "moved")
    git(main, "worktree", "add", "--quiet", tmp_path / "relative")
    relative = main / ".git/worktrees/relative/gitdir"
    relative.write_text(os.path.relpath(tmp_path / "relative/.git", relative.parent) + "\n")
    git(tmp_path, "clone", "--quiet", "--bare", main, "bare.git")
    git(tmp_path / "bare.git", "worktree", "add", "--quiet", tmp_path / "of-bare")
    (tmp_path / "tree/deep").mkdir()
    git(tmp_path / "tree", "submodule", "--quiet", "update", "--init")
    belongs = {
        "tree": main,
        "tree/deep": main,
        "linked": main,
        "moved": main,
        "relative": main,
        "of-bare": tmp_path / "bare.git",
        "main/worktrees/library": main / "worktrees/library",
        "tree/worktrees/library": tmp_path / "tree/worktrees/library",
    }
    assert {name: project_of(str(tmp_path / name)) for name in belongs} == {
        name: str(root) for name, root in belongs.items()
    }


def test_a_worktree_moved_by_hand_is_of_its_repository_again_once_it_is_repaired(tmp_path):
    main = repository(tmp_path / "main")
    git(main, "worktree", "add", "--quiet", tmp_path / "tree")
    moved = (tmp_path / "tree").rename(tmp_path / "moved")
    assert project_of(str(moved)) == str(moved)
    git(moved, "worktree", "repair")
    assert project_of(str(moved)) == str(main)


def test_a_folder_that_claims_another_project_is_its_own(tmp_path):
    main = repository(tmp_path / "main")
    git(main, "worktree", "add", "--quiet", tmp_path / "tree")
    odd = tmp_path / "odd"
    (odd / "common/worktrees/w").mkdir(parents=True)
    (odd / "commondir").write_text("../main/.git\n")
    (odd / "gitdir").write_text(f"{odd}/.git\n")
    (odd / "common/worktrees/w/commondir").write_text("../../../../main/.git\n")
    (odd / "common/worktrees/other").symlink_to(main / ".git/worktrees/tree")
    claims = [
        b"gitdir: .",
        b"gitdir: common/worktrees/w",
        b"gitdir: common/worktrees/other",
        b"gitdir: ../main/.git",
        b"gitdir: ../main/.git/worktrees/tree",
        b"gitdir: ../main/.git/worktrees/none",
        b"gitdir: \xff\xfe/worktrees/w",
        b"gitdir: a\0b",
        b"\0" * 10_000,
        b"",
    ]
    believed = {}
    for claim in claims:
        (odd / ".git").write_bytes(claim)
        believed[claim] = project_of(str(odd))
    (odd / ".git").unlink()
    (odd / ".git").symlink_to(tmp_path / "tree/.git")
    believed["a link"] = project_of(str(odd))
    assert {claim: found for claim, found in believed.items() if found != str(odd)} == {}

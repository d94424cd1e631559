"""`sage completion`: completions for the shell, which asks at each Tab."""

from __future__ import annotations

from argparse import SUPPRESS
from typing import TYPE_CHECKING

from sage.cli.failures import OK
from sage.cli.parsing import build_parser
from sage.cli.synonyms import RUN
from sage.cli.verb import argument, verb

if TYPE_CHECKING:
    from argparse import Namespace

    from sage.cli.parsing import VerbParser
    from sage.cli.terminal.console import Console

_WORDS = "words"
_SCRIPTS = {
    "bash": r"""
_sage() {
    local IFS=$'\n' typed=("${COMP_WORDS[@]:1:COMP_CWORD}") found
    found=$("${COMP_WORDS[0]}" completion words -- "${typed[@]}" 2>/dev/null | cut -f1)
    COMPREPLY=($(compgen -W "$found" -- "${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _sage sage
""",
    "zsh": r"""
_sage() {
    local -a found
    local word text
    while IFS=$'\t' read -r word text; do
        found+=("${word//:/\\:}:$text")
    done < <("$words[1]" completion words -- "${(@)words[2,CURRENT]}" 2>/dev/null)
    if (( $#found )); then _describe sage found; else _files; fi
}
compdef _sage sage
""",
    "fish": r"""
function __sage_words
    set -l before (commandline -opc)
    set -l found ($before[1] completion words -- $before[2..] (commandline -ct) 2>/dev/null)
    if test (count $found) -gt 0
        printf '%s\n' $found
    else
        __fish_complete_path (commandline -ct)
    end
end
complete -c sage -f -a '(__sage_words)'
""",
}


class _Shells(tuple[str, ...]):
    """The shells that a person may name; the scripts themselves pass `words`."""

    __slots__ = ()

    def __contains__(self, shell: object) -> bool:
        return shell == _WORDS or super().__contains__(shell)


@verb(
    "completion",
    argument("shell", choices=_Shells(_SCRIPTS), metavar="SHELL", help=", ".join(_SCRIPTS)),
    argument("typed", nargs="*", help=SUPPRESS),
    examples=(
        "source <(sage completion bash)",
        "source <(sage completion zsh)",
        "sage completion fish | source",
    ),
    details="Add the matching example line to ~/.bashrc, to ~/.zshrc after compinit, or to"
    " ~/.config/fish/config.fish.",
)
def completion(args: Namespace, console: Console) -> int:
    """Print the completion script of a shell; for `words`, the completions with descriptions."""
    if args.shell != _WORDS:
        console.write_text(_SCRIPTS[args.shell].lstrip())
        return OK
    *before, current = args.typed or [""]
    parser: VerbParser = build_parser()
    for word in before:
        parser = parser.verbs.get(word) or parser.verbs.get(RUN.get(word, ""), parser)
    for word, text in parser.completions(before[-1] if before else "", current).items():
        console.write_text(f"{word}\t{text}\n")
    return OK

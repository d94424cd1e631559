"""`sage console`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.cli.failures import OK
from sage.cli.open_services import configured_instance
from sage.cli.verb import argument, verb
from sage.errors import StartupError
from sage.phrases import phrase

if TYPE_CHECKING:
    from argparse import Namespace

    from sage.cli.terminal.console import Console


@verb(
    "console",
    argument("--print", action="store_true", help="print the link instead of opening a browser"),
    examples=("sage console", "sage console --print"),
    details="If Sage requires a token, the link signs the browser in as the owner; it "
    "can be used once, within two minutes. In a container, pass --print: the "
    "browser is on the host.",
)
def console(args: Namespace, terminal: Console) -> int:
    """Open the pages of the running Sage; return the exit code. Raises StartupError."""
    import webbrowser

    from sage.cli.host import not_running, serves_here
    from sage.local.address import reached_at
    from sage.local.data_dir.sign_in_links import make_link
    from sage.local.http_probe import ask, reachable_address

    read, instance = configured_instance(args)
    server, running = read.require_settings().server, instance.running()
    if running is None and not serves_here(server):
        raise not_running()
    if not server.console:
        raise StartupError(
            "the console is disabled: SAGE_CONSOLE is false",
            hint="unset SAGE_CONSOLE and restart Sage",
        )
    # A browser of this machine needs no proxy; that of a container is on the host, or elsewhere.
    own = (
        f"http://{reachable_address(running.host, running.port)}" if running else reached_at(server)
    )
    link = f"{own}/"
    place = running or server
    if ask(place.host, str(place.port), "/") is not None:  # the server may have a token of its own
        try:
            link += f"sign-in?once={make_link(instance.data_dir)}"
        except OSError as error:
            raise StartupError(
                phrase(
                    "no link can be made in {directory}: {reason}",
                    directory=instance.data_dir,
                    reason=error.strerror or str(error),
                ),
                hint="run the command as the user who runs Sage",
            ) from error
    if args.print or not webbrowser.open(link):
        terminal.write(link)
    else:
        terminal.note(phrase("opened {link}", link=link))
    return OK

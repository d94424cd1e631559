"""Record docs/demo.svg and docs/demo.zh.svg: commands and their answers, as animated pictures.

The commands are those of demo.txt and demo.zh.txt, run by a Sage of its own in that language.

demo.py, by a Python that has what Sage depends on
"""

from __future__ import annotations

import shlex
import socket
import subprocess
import sys
import tempfile
import unicodedata
from html import escape
from itertools import groupby
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
LANGUAGES = {"en": "demo", "zh": "demo.zh"}
COLUMNS = 90
_CELL, _LINE, _MARGIN = 8.4, 21, 18
_KEY_S, _READ_S = 0.03, 1.4
_TITLES = {"en": "Commands of Sage and what they print: ", "zh": "Sage 的命令及其输出 "}
_STYLE = """
rect { fill: #101412 }
text { font: 14px ui-monospace, Menlo, Consolas, "Noto Sans Mono CJK SC", monospace }
text { fill: #adb7b0; white-space: pre }
.typed { fill: #e5eae6 }
@media (prefers-reduced-motion: no-preference) {
  g { animation: appear 1ms both }
  .typed { animation: type 1s linear both }
}
@keyframes appear { from { opacity: 0 } }
@keyframes type { from { clip-path: inset(0 100% 0 0) } to { clip-path: inset(0) } }
"""


def main() -> None:
    """Run the commands of each language, and write the pictures."""
    for language, name in LANGUAGES.items():
        commands = Path(__file__).with_name(f"{name}.txt").read_text().splitlines()
        (ROOT / f"docs/{name}.svg").write_text(
            picture(commands, said(commands, language), language)
        )


def said(commands: list[str], language: str) -> list[list[str]]:
    """Return what a Sage of its own says to each command."""
    with tempfile.TemporaryDirectory() as home:
        environment = {
            "PATH": "/usr/bin:/bin",
            "PYTHONPATH": str(ROOT),
            "HOME": home,
            "SAGE_TIMEZONE": "UTC",
            "SAGE_LANGUAGE": language,
            "COLUMNS": str(COLUMNS),
            "LANG": "C.UTF-8",
        }

        def run(*words: str) -> list[str]:
            ran = subprocess.run(  # noqa: S603 - the words of demo.txt
                [sys.executable, "-m", "sage", *words],
                env=environment,
                cwd=home,
                check=True,
                text=True,
                capture_output=True,
            )
            return [line.rstrip() for line in (ran.stdout + ran.stderr).strip().splitlines()]

        run("up", "--detach", "--port", str(_free_port()))
        try:
            return [run(*shlex.split(line)[1:]) for line in commands]
        finally:
            run("down")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def picture(commands: list[str], answers: list[list[str]], language: str) -> str:
    """Return the picture of the commands and of what was said to each."""
    rows, at, clock = [], 0, 0.3
    for command, lines in zip(commands, answers, strict=True):
        typing = len(command) * _KEY_S
        style = f"animation-delay: {clock:.2f}s; animation-duration: {typing:.2f}s"
        line = _runs(f"$ {command}")
        rows.append(f'<text class="typed" style="{style}" {_place(at)}>{line}</text>')
        at += 1
        clock += typing + 0.4
        answer = []
        for line in lines:
            answer.append(f"<text {_place(at)}>{_runs(line)}</text>")
            at += 1
        rows.append(f'<g style="animation-delay: {clock:.2f}s">{"".join(answer)}</g>')
        clock += _READ_S
        at += 0.4
    width, height = COLUMNS * _CELL + 2 * _MARGIN, at * _LINE + 2 * _MARGIN
    title = escape(_TITLES[language] + "; ".join(commands))
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" role="img"'
        f' viewBox="0 0 {width:.0f} {height:.0f}">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n"
        f'<rect width="100%" height="100%" rx="8"/>\n' + "\n".join(rows) + "\n</svg>\n"
    )


def _place(row: float) -> str:
    return f'y="{_MARGIN + row * _LINE + 14:.1f}"'


def _cells(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)


def _runs(line: str) -> str:
    """Return a line as spans of wide and of narrow letters, each where a terminal has it."""
    spans, column = [], 0
    for _, letters in groupby(line, key=lambda one: unicodedata.east_asian_width(one) in "WF"):
        text = "".join(letters)
        cells = _cells(text)
        start = _MARGIN + column * _CELL
        spans.append(
            f'<tspan x="{start:.1f}" textLength="{cells * _CELL:.1f}">{escape(text)}</tspan>'
        )
        column += cells
    return "".join(spans)


if __name__ == "__main__":
    main()

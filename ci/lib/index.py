"""Serve a package index on a free port of loopback: index.py FOLDER prints its address.

What is uploaded to /legacy/ is in FOLDER, and found below /simple/.
"""

from __future__ import annotations

import hashlib
import re
import sys
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

_FOLDER = Path(sys.argv[1])


class Index(BaseHTTPRequestHandler):
    """The pages of PEP 503, and the form that twine and uv send."""

    def do_GET(self) -> None:
        """Send the page of a project, or a file."""
        name = self.path.strip("/").rpartition("/")[2]
        if self.path.startswith("/files/") and (_FOLDER / name).is_file():
            self._send(200, (_FOLDER / name).read_bytes(), "application/octet-stream")
            return
        files = [
            file
            for file in sorted(_FOLDER.iterdir())
            if re.sub(r"[-_.]+", "-", file.name.partition("-")[0]).lower() == name
        ]
        page = "".join(
            f'<a href="/files/{file.name}#sha256={hashlib.sha256(file.read_bytes()).hexdigest()}">'
            f"{file.name}</a>\n"
            for file in files
        )
        self._send(200 if files else 404, page.encode(), "text/html")

    do_HEAD = do_GET  # noqa: N815 - the name that is looked for

    def do_POST(self) -> None:
        """Keep the file of a form."""
        body = self.rfile.read(int(self.headers["content-length"]))
        head = f"content-type: {self.headers['content-type']}\r\n\r\n".encode()
        for part in BytesParser().parsebytes(head + body).walk():
            if name := part.get_filename():
                (_FOLDER / Path(name).name).write_bytes(part.get_payload(decode=True))
        self._send(200, b"", "text/plain")

    def log_message(self, *_: object) -> None:
        """Write no log."""

    def _send(self, status: int, content: bytes, media_type: str) -> None:
        self.send_response(status)
        self.send_header("content-type", media_type)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Index)
    sys.stdout.write(f"http://127.0.0.1:{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()

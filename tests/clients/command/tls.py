"""A proxy that speaks TLS in front of a server, below a path, with a certificate of its own."""

import http.server
import ssl
import subprocess
import threading
from contextlib import contextmanager

from tests.support import plain_http


class _Proxy(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        assert self.path.startswith(self.server.path)
        answer = plain_http.post(
            self.server.behind + self.path.removeprefix(self.server.path),
            content=body,
            headers={
                name: self.headers[name]
                for name in ("authorization", "content-type")
                if name in self.headers
            },
        )
        self.send_response(answer.status_code)
        self.send_header("content-type", answer.headers["content-type"])
        self.send_header("content-length", str(len(answer.content)))
        self.end_headers()
        self.wfile.write(answer.content)

    def log_message(self, *_):
        pass


@contextmanager
def tls_in_front_of(url, path, folder):
    """Yield the address of the proxy, by a name, and the file with its certificate."""
    certificate = folder / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    command += ["-nodes", "-keyout", certificate, "-out", certificate, "-days", "1"]
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    subprocess.run([*command, *names], check=True, capture_output=True, timeout=60)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Proxy) as server:
        server.behind, server.path = url, path
        server.handle_error = lambda *_: None  # who does not trust it leaves
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"https://localhost:{server.server_port}{path}", str(certificate)
        finally:
            server.shutdown()

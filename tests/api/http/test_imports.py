"""What a server loads for all that never use it costs every one of them memory."""

import subprocess
import sys

SPARED = ("httpx", "jwt", "pygments", "rich", "google.protobuf")


def test_a_server_with_the_bundled_model_loads_nothing_that_only_others_need(tmp_path):
    code = f"""
import sys
import sage.cli.main, sage.cli.serve
from sage.api.http.app import create_app
from sage.config.load import read_configuration
from sage.providers.registry import open_embedder
from sage.retrieval.context.reserved_marks import mark
given = {{"EMBEDDING_PROVIDER": "local", "SAGE_DATA_DIR": {str(tmp_path)!r}}}
settings = read_configuration(environ=given).require_settings()
create_app(settings)
open_embedder(settings)
print(*(name for name in {SPARED!r} if name in sys.modules))
print(*["a pattern compiled"] * mark.cache_info().currsize)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("", "")

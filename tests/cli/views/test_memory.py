import io
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from sage.cli.terminal.console import Console
from sage.cli.views.memory import write_memory
from sage.domain.memories import Memory, Role


def test_a_memory_is_shown_with_its_speaker_its_time_and_its_ids():
    out, memory_id = io.StringIO(), uuid4()
    said = datetime.now(UTC) - timedelta(hours=2)
    memory = Memory(memory_id, "tea", Role.USER, "Mei", "Oolong, please.", said)
    write_memory(Console(out, io.StringIO(), columns=100), memory, UTC)
    text = out.getvalue()
    for part in ("user", "Mei", "2 hours ago", "Oolong, please.", "tea", memory_id.hex[-8:]):
        assert part in text

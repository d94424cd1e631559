"""One key for a server and for hooks whose data directory is another than its own."""

KEY = bytes.fromhex("5a" * 32)


def share_key(*data_dirs):
    """Have hooks of any of these data directories know the server of any other."""
    for data_dir in data_dirs:
        data_dir.mkdir(exist_ok=True)
        path = data_dir / "proof.key"
        path.write_text(KEY.hex())
        path.chmod(0o600)

"""Learn what wishes are, of sentences that are some and of sentences that are none."""

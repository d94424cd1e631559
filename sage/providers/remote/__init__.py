"""Models that answer over HTTP: SiliconFlow and every server with OpenAI's interface."""

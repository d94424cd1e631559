"""Start Sage when its user logs in, by a systemd unit or a launchd agent."""

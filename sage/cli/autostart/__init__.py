"""Start Sage when its user logs in: a unit of systemd, or an agent of launchd."""

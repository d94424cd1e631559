"""What is captured at an event: it waits in the spool, a process of its own sends it to Sage."""

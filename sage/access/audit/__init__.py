"""The audit log: who called what, in which space, with which outcome; never the content."""

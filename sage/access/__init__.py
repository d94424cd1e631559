"""Authentication, authorization, accounts, rate limits, and the audit log."""

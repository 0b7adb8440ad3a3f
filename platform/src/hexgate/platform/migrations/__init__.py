"""The steps that bring a database from any earlier release to this one."""

from hexgate.platform.migrations.running import migrate, revision_of

__all__ = ["migrate", "revision_of"]

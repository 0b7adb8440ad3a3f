"""The `hexgate` command."""

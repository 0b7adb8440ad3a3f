"""No test is judged by the clock: a busy machine is no counterexample."""

from hypothesis import settings

settings.register_profile("unhurried", settings.default, deadline=None)
settings.load_profile("unhurried")

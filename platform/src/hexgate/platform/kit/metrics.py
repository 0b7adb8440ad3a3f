"""What was answered in, `/metrics` in the format of Prometheus out."""

from __future__ import annotations

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest

from hexgate.platform.kit.requests import Answered

__all__ = ["CONTENT_TYPE_LATEST", "Metrics"]

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """The figures of one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "hexgate_http_requests_total",
            "Requests that were answered.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "hexgate_http_request_seconds",
            "How long answers took.",
            ("method", "route"),
            buckets=BUCKETS,
            registry=self.registry,
        )

    def heard(self, answered: Answered) -> None:
        """Counts an answer."""
        method = answered.method if answered.method in METHODS else "other"
        self.requests.labels(method, answered.route, str(answered.status)).inc()
        self.seconds.labels(method, answered.route).observe(answered.seconds)

    def text(self) -> bytes:
        """All figures."""
        return generate_latest(self.registry)


METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

"""Reads Prometheus text."""

from prometheus_client.parser import text_string_to_metric_families

NAMES = {
    "http_requests_total": ("counter", {"method", "route", "status"}),
    "http_request_duration_seconds": ("histogram", None),
    "db_query_duration_seconds": ("histogram", None),
    "rate_limit_rejections_total": ("counter", None),
    "queue_jobs_total": ("counter", {"type", "status"}),
    "webhook_deliveries_total": ("counter", {"status"}),
    "circuit_breaker_state": ("gauge", {"integration"}),
}


class Metrics:
    def __init__(self, text: str) -> None:
        self.text = text
        self.families = {family.name: family for family in text_string_to_metric_families(text)}

    def kind(self, name: str) -> str | None:
        family = self.families.get(name) or self.families.get(name.removesuffix("_total"))
        return str(family.type) if family else None

    def label_names(self, name: str) -> set[str]:
        """The labels of a metric's samples, without a histogram's `le`."""
        return {
            label
            for family in self.families.values()
            for sample in family.samples
            if sample.name in {name, f"{name}_count"}
            for label in sample.labels
        }

    def label_values(self) -> set[str]:
        return {
            value
            for family in self.families.values()
            for sample in family.samples
            for value in sample.labels.values()
        }

    def total(self, name: str, **labels: str) -> float:
        return sum(
            float(sample.value)
            for family in self.families.values()
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        )

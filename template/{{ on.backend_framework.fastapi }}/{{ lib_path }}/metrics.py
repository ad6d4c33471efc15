"""Every metric of the service, declared once: the API and the worker both expose all names."""

from prometheus_client import Counter, Gauge, Histogram

HTTP_REQUESTS = Counter(
    "http_requests_total",
    "HTTP requests served.",
    ["method", "route", "status"],
)
HTTP_DURATION = Histogram(
    "http_request_duration_seconds",
    "Time from the first byte of a request to the last byte of its response.",
    ["method", "route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2.5, 5, 10),
)
DB_DURATION = Histogram(
    "db_query_duration_seconds",
    "Time of one database statement.",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5),
)
RATE_LIMIT_REJECTIONS = Counter(
    "rate_limit_rejections_total",
    "Requests refused by a rate limit.",
    ["limit"],
)
RATE_LIMIT_FAILURES = Counter(
    "rate_limit_failures_total",
    "Requests let through because the rate limit store was away.",
)
QUEUE_JOBS = Counter(
    "queue_jobs_total",
    "Jobs by what became of them.",
    ["type", "status"],
)
WEBHOOK_DELIVERIES = Counter(
    "webhook_deliveries_total",
    "Webhook delivery attempts by what became of them.",
    ["status"],
)
CIRCUIT_STATE = Gauge(
    "circuit_breaker_state",
    "0 closed, 1 half-open, 2 open.",
    ["integration"],
)

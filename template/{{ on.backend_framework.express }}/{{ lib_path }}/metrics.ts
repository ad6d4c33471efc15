// Every metric of the service, declared once: the API and the worker both expose all names.
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";

export const registry = new Registry();
const registers = [registry];
// When the process began, its memory, its processor and its event loop.
collectDefaultMetrics({ register: registry });

export const httpRequests = new Counter({
  name: "http_requests_total",
  help: "HTTP requests served.",
  labelNames: ["method", "route", "status"],
  registers,
});
export const httpDuration = new Histogram({
  name: "http_request_duration_seconds",
  help: "Time from the head of a request to the last byte of its response.",
  labelNames: ["method", "route", "status"],
  buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2.5, 5, 10],
  registers,
});
export const dbDuration = new Histogram({
  name: "db_query_duration_seconds",
  help: "Time of one database statement.",
  buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5],
  registers,
});
export const rateLimitRejections = new Counter({
  name: "rate_limit_rejections_total",
  help: "Requests refused by a rate limit.",
  labelNames: ["limit"],
  registers,
});
export const rateLimitFailures = new Counter({
  name: "rate_limit_failures_total",
  help: "Requests let through because the rate limit store was away.",
  registers,
});
export const queueJobs = new Counter({
  name: "queue_jobs_total",
  help: "Jobs by what became of them.",
  labelNames: ["type", "status"],
  registers,
});
export const webhookDeliveries = new Counter({
  name: "webhook_deliveries_total",
  help: "Webhook delivery attempts by what became of them.",
  labelNames: ["status"],
  registers,
});
export const circuitState = new Gauge({
  name: "circuit_breaker_state",
  help: "0 closed, 1 half-open, 2 open.",
  labelNames: ["integration"],
  registers,
});

import { integer, nullable, oneOf, output, text, timestamp, uuid } from "#lib/responses";

export const jobOut = output("JobOut", {
  id: uuid,
  type: text,
  status: oneOf(["queued", "active", "completed", "failed"]),
  attempts: integer,
  error: nullable(text),
  createdAt: timestamp,
  finishedAt: nullable(timestamp),
});

// The bare pair: what the tutorials of Express and Drizzle teach, done well, and nothing else.
// It runs in the generated repo's own environment: same Node, Express, Drizzle, driver and Zod.
import { drizzle } from "drizzle-orm/node-postgres";
import { jsonb, pgTable, text, timestamp, uuid } from "drizzle-orm/pg-core";
import express from "express";
import pg from "pg";
import { z } from "zod";

const { BARE_ACCOUNT_ID, BARE_DATABASE_URL, BARE_PORT, BARE_USER_ID } = process.env;

const feedback = pgTable("bare_feedback", {
  id: uuid().primaryKey().$defaultFn(() => crypto.randomUUID()),
  accountId: uuid("account_id").notNull(),
  userId: uuid("user_id"),
  content: text().notNull(),
  sentiment: text().notNull(),
  metadata: jsonb(),
  createdAt: timestamp("created_at", { withTimezone: true }).notNull().defaultNow(),
  updatedAt: timestamp("updated_at", { withTimezone: true }).notNull().defaultNow(),
});

const feedbackIn = z.object({
  content: z.string().min(1).max(1000),
  sentiment: z.enum(["positive", "neutral", "negative"]),
  metadata: z.record(z.string(), z.unknown()).nullish(),
});

const db = drizzle(new pg.Pool({ connectionString: BARE_DATABASE_URL, max: 20 }));
const app = express();
app.use(express.json());

app.post("/feedback", async (request, response) => {
  const { success, data, error } = feedbackIn.safeParse(request.body);
  if (!success) {
    response.status(400).json(error.issues);
    return;
  }
  const row = { ...data, accountId: BARE_ACCOUNT_ID, userId: BARE_USER_ID };
  const [made] = await db.insert(feedback).values(row).returning();
  response.status(201).json(made);
});

app.get("/ready", (_request, response) => {
  response.json("ready");
});

app.listen(Number(BARE_PORT), "127.0.0.1");

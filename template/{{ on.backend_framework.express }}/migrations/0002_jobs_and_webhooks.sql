-- Jobs and the outbox of webhooks: what the worker may take across tenants, and nothing more.
CREATE TABLE jobs (
  id uuid NOT NULL,
  account_id uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  type text NOT NULL,
  dedupe_key text NOT NULL,
  payload jsonb NOT NULL,
  request_id text,
  status text NOT NULL DEFAULT 'queued',
  attempts integer NOT NULL DEFAULT 0,
  lost_leases integer NOT NULL DEFAULT 0,
  error text,
  run_at timestamptz NOT NULL DEFAULT now(),
  published_at timestamptz DEFAULT now(),
  finished_at timestamptz,
  lease_until timestamptz,
  lease_token uuid,
  CONSTRAINT pk_jobs PRIMARY KEY (id),
  CONSTRAINT ck_jobs_status_is_known CHECK (status IN ('queued', 'active', 'completed', 'failed')),
  CONSTRAINT fk_jobs_account_id FOREIGN KEY (account_id) REFERENCES accounts (id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX uq_jobs_pending
  ON jobs (account_id, type, dedupe_key) WHERE status IN ('queued', 'active');
CREATE INDEX ix_jobs_account_id ON jobs (account_id);
CREATE INDEX ix_jobs_due ON jobs (run_at) WHERE status = 'queued';
CREATE INDEX ix_jobs_leased ON jobs (lease_until) WHERE status = 'active';
CREATE INDEX ix_jobs_finished ON jobs (status, finished_at) WHERE finished_at IS NOT NULL;
SELECT app.isolate_tenants('jobs', 'SELECT, INSERT, UPDATE');

CREATE FUNCTION app.claim_job(
  p_id uuid, p_token uuid, p_lease_seconds double precision,
  OUT account_id uuid, OUT type text, OUT payload jsonb,
  OUT attempts integer, OUT request_id text
) RETURNS SETOF record LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
  UPDATE jobs AS job
  SET status = 'active', attempts = job.attempts + 1, lease_token = p_token,
    lease_until = now() + make_interval(secs => p_lease_seconds), updated_at = now()
  WHERE job.id = p_id AND job.status = 'queued' AND job.run_at <= now()
  RETURNING job.account_id, job.type, job.payload, job.attempts, job.request_id
$$;
SELECT app.let_service_call('app.claim_job(uuid, uuid, double precision)');

CREATE FUNCTION app.take_back_lost_jobs(
  p_max_losses integer, OUT id uuid, OUT type text, OUT status text, OUT request_id text
) RETURNS SETOF record LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
  UPDATE jobs AS job
  SET status = CASE WHEN lost THEN 'failed' ELSE 'queued' END,
    error = CASE WHEN lost THEN 'The worker was lost each time it ran this job' END,
    attempts = CASE WHEN lost THEN job.attempts ELSE job.attempts - 1 END,
    finished_at = CASE WHEN lost THEN now() END,
    lost_leases = job.lost_leases + 1,
    run_at = now(), published_at = NULL,
    lease_until = NULL, lease_token = NULL, updated_at = now()
  FROM (
    SELECT j.id, j.lost_leases + 1 >= p_max_losses AS lost FROM jobs AS j
    WHERE j.status = 'active' AND j.lease_until < now()
    LIMIT 500 FOR UPDATE SKIP LOCKED
  ) AS expired
  WHERE job.id = expired.id
  RETURNING job.id, job.type, job.status, job.request_id
$$;
SELECT app.let_service_call('app.take_back_lost_jobs(integer)');

CREATE FUNCTION app.take_due_jobs(p_limit integer, p_republish_seconds double precision)
RETURNS SETOF uuid LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
  UPDATE jobs AS job SET published_at = now()
  FROM (
    SELECT j.id FROM jobs AS j
    WHERE j.status = 'queued' AND j.run_at <= now() AND (
      j.published_at IS NULL
      OR j.published_at < now() - make_interval(secs => p_republish_seconds)
    )
    ORDER BY j.run_at LIMIT p_limit FOR UPDATE SKIP LOCKED
  ) AS due
  WHERE job.id = due.id
  RETURNING job.id
$$;
SELECT app.let_service_call('app.take_due_jobs(integer, double precision)');

CREATE TABLE webhook_endpoints (
  id uuid NOT NULL,
  account_id uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  url text NOT NULL,
  event_types text[] NOT NULL,
  secret text NOT NULL,
  disabled_at timestamptz,
  CONSTRAINT pk_webhook_endpoints PRIMARY KEY (id),
  CONSTRAINT uq_webhook_endpoints_account_id_id UNIQUE (account_id, id),
  CONSTRAINT fk_webhook_endpoints_account_id FOREIGN KEY (account_id)
    REFERENCES accounts (id) ON DELETE CASCADE
);
CREATE INDEX ix_webhook_endpoints_newest ON webhook_endpoints (account_id, created_at, id);
CREATE INDEX ix_webhook_endpoints_enabled
  ON webhook_endpoints (account_id) WHERE disabled_at IS NULL;
SELECT app.isolate_tenants('webhook_endpoints');

CREATE TABLE webhook_deliveries (
  id uuid NOT NULL,
  account_id uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  endpoint_id uuid NOT NULL,
  event_type text NOT NULL,
  webhook_id text NOT NULL,
  body text NOT NULL,
  request_id text,
  status text NOT NULL DEFAULT 'pending',
  attempts integer NOT NULL DEFAULT 0,
  last_status_code integer,
  last_error text,
  next_attempt_at timestamptz NOT NULL DEFAULT now(),
  delivered_at timestamptz,
  lease_until timestamptz,
  lease_token uuid,
  CONSTRAINT pk_webhook_deliveries PRIMARY KEY (id),
  CONSTRAINT fk_webhook_deliveries_account_id_endpoint_id FOREIGN KEY (account_id, endpoint_id)
    REFERENCES webhook_endpoints (account_id, id) ON DELETE CASCADE,
  CONSTRAINT uq_webhook_deliveries_endpoint_id_webhook_id UNIQUE (endpoint_id, webhook_id),
  CONSTRAINT ck_webhook_deliveries_status_is_known CHECK (status IN ('pending', 'delivered', 'failed')),
  CONSTRAINT fk_webhook_deliveries_account_id FOREIGN KEY (account_id)
    REFERENCES accounts (id) ON DELETE CASCADE
);
CREATE INDEX ix_webhook_deliveries_newest ON webhook_deliveries (account_id, created_at, id);
CREATE INDEX ix_webhook_deliveries_by_status
  ON webhook_deliveries (account_id, status, created_at, id);
CREATE INDEX ix_webhook_deliveries_endpoint ON webhook_deliveries (account_id, endpoint_id);
CREATE INDEX ix_webhook_deliveries_due
  ON webhook_deliveries (endpoint_id, next_attempt_at) WHERE status = 'pending';
CREATE INDEX ix_webhook_deliveries_leased
  ON webhook_deliveries (endpoint_id, lease_until) WHERE lease_until IS NOT NULL;
CREATE INDEX ix_webhook_deliveries_delivered
  ON webhook_deliveries (delivered_at) WHERE delivered_at IS NOT NULL;
SELECT app.isolate_tenants('webhook_deliveries', 'SELECT, INSERT, UPDATE');

CREATE FUNCTION app.claim_webhook_deliveries(
  p_limit integer, p_per_endpoint integer,
  p_token uuid, p_lease_seconds double precision,
  OUT id uuid, OUT account_id uuid, OUT endpoint_id uuid, OUT url text, OUT secret text,
  OUT disabled boolean, OUT event_type text, OUT webhook_id text, OUT body text,
  OUT attempts integer, OUT request_id text
) RETURNS SETOF record LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
SET jit = off AS $$
  WITH RECURSIVE waiting (endpoint_id) AS (
    (
      SELECT d.endpoint_id FROM webhook_deliveries AS d
      WHERE d.status = 'pending' ORDER BY d.endpoint_id LIMIT 1
    )
    UNION ALL
    SELECT (
      SELECT d.endpoint_id FROM webhook_deliveries AS d
      WHERE d.status = 'pending' AND d.endpoint_id > w.endpoint_id
      ORDER BY d.endpoint_id LIMIT 1
    ) FROM waiting AS w WHERE w.endpoint_id IS NOT NULL
  ), candidates AS (
    SELECT due.id, due.next_attempt_at, row_number() OVER (
      PARTITION BY w.endpoint_id ORDER BY due.next_attempt_at
    ) AS turn
    FROM waiting AS w
    CROSS JOIN LATERAL (
      SELECT count(*) AS sending FROM webhook_deliveries AS d
      WHERE d.endpoint_id = w.endpoint_id AND d.lease_until >= now()
    ) AS busy
    CROSS JOIN LATERAL (
      SELECT d.id, d.next_attempt_at FROM webhook_deliveries AS d
      WHERE d.endpoint_id = w.endpoint_id AND d.status = 'pending'
        AND d.next_attempt_at <= now()
        AND (d.lease_until IS NULL OR d.lease_until < now())
      ORDER BY d.next_attempt_at LIMIT greatest(p_per_endpoint - busy.sending, 0)
    ) AS due
    ORDER BY turn, due.next_attempt_at LIMIT p_limit
  ), taken AS (
    SELECT d.id FROM webhook_deliveries AS d
    WHERE d.id IN (SELECT c.id FROM candidates AS c)
      AND d.status = 'pending' AND d.next_attempt_at <= now()
      AND (d.lease_until IS NULL OR d.lease_until < now())
    FOR UPDATE SKIP LOCKED
  )
  UPDATE webhook_deliveries AS delivery
  SET lease_token = p_token, updated_at = now(),
    lease_until = now() + make_interval(secs => p_lease_seconds)
  FROM taken, webhook_endpoints AS endpoint
  WHERE delivery.id = taken.id AND endpoint.id = delivery.endpoint_id
  RETURNING delivery.id, delivery.account_id, delivery.endpoint_id, endpoint.url,
    endpoint.secret, endpoint.disabled_at IS NOT NULL, delivery.event_type,
    delivery.webhook_id, delivery.body, delivery.attempts, delivery.request_id
$$;
SELECT app.let_service_call('app.claim_webhook_deliveries(integer, integer, uuid, double precision)');

CREATE FUNCTION app.purge_expired(p_batch integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
  expired record;
  deleted bigint;
  most bigint := 0;
BEGIN
  FOR expired IN
    SELECT * FROM (VALUES
      ('jobs', 'status = ''completed'' AND finished_at', interval '1 hour'),
      ('jobs', 'status = ''failed'' AND finished_at', interval '24 hours'),
      ('idempotency_keys', 'created_at', interval '24 hours'),
      ('refresh_tokens', 'expires_at', interval '0'),
      ('performance_logs', 'created_at', interval '30 days'),
      ('webhook_deliveries', 'delivered_at', interval '30 days')
    ) AS v (name, moment, kept)
  LOOP
    EXECUTE format(
      'DELETE FROM %1$I WHERE ctid = ANY (ARRAY('
      'SELECT ctid FROM %1$I WHERE %2$s < now() - $1 LIMIT $2'
      ' FOR UPDATE SKIP LOCKED))',
      expired.name, expired.moment
    ) USING expired.kept, p_batch;
    GET DIAGNOSTICS deleted = ROW_COUNT;
    most := greatest(most, deleted);
  END LOOP;
  RETURN most;
END
$$;
SELECT app.let_service_call('app.purge_expired(integer)');

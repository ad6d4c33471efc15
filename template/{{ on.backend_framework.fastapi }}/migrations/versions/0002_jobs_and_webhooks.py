"""Jobs and the outbox of webhooks: what the worker may take across tenants, and nothing more."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.access import isolate_tenants, let_app_call

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def moment(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True))


def now_at(name: str, *, nullable: bool = False) -> sa.Column[object]:
    kind = sa.DateTime(timezone=True)
    return sa.Column(name, kind, nullable=nullable, server_default=sa.func.now())


def tenant_columns() -> list[sa.Column[object]]:
    account = sa.ForeignKey("accounts.id", ondelete="CASCADE")
    return [
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("account_id", sa.Uuid(), account, nullable=False),
        now_at("created_at"),
        now_at("updated_at"),
    ]


def count(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Integer(), nullable=False, server_default="0")


def upgrade() -> None:
    create_jobs()
    create_job_functions()
    create_webhook_endpoints()
    create_webhook_deliveries()
    create_claim_of_deliveries()
    create_purge()


def create_jobs() -> None:
    op.create_table(
        "jobs",
        *tenant_columns(),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("dedupe_key", sa.Text(), nullable=False),
        sa.Column("payload", postgresql.JSONB(), nullable=False),
        sa.Column("request_id", sa.Text()),
        sa.Column("status", sa.Text(), nullable=False, server_default="queued"),
        count("attempts"),
        count("lost_leases"),
        sa.Column("error", sa.Text()),
        now_at("run_at"),
        now_at("published_at", nullable=True),
        moment("finished_at"),
        moment("lease_until"),
        sa.Column("lease_token", sa.Uuid()),
        sa.CheckConstraint(
            "status IN ('queued', 'active', 'completed', 'failed')", name="status_is_known"
        ),
    )
    # One pending job for the same work: a second request finds the first one's.
    op.create_index(
        "uq_jobs_pending",
        "jobs",
        ["account_id", "type", "dedupe_key"],
        unique=True,
        postgresql_where=sa.text("status IN ('queued', 'active')"),
    )
    op.create_index("ix_jobs_account_id", "jobs", ["account_id"])
    op.create_index(
        "ix_jobs_due", "jobs", ["run_at"], postgresql_where=sa.text("status = 'queued'")
    )
    op.create_index(
        "ix_jobs_leased", "jobs", ["lease_until"], postgresql_where=sa.text("status = 'active'")
    )
    op.create_index(
        "ix_jobs_finished",
        "jobs",
        ["status", "finished_at"],
        postgresql_where=sa.text("finished_at IS NOT NULL"),
    )
    isolate_tenants("jobs", "SELECT, INSERT, UPDATE")


def create_job_functions() -> None:
    # A message of the queue names a job only; here it becomes a row, once, however often it comes.
    op.execute("""
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
        $$
    """)
    let_app_call("app.claim_job(uuid, uuid, double precision)")
    # A lost worker costs the job no attempt, but a job that kills its workers must end too.
    op.execute("""
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
        $$
    """)
    let_app_call("app.take_back_lost_jobs(integer)")
    op.execute("""
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
        $$
    """)
    let_app_call("app.take_due_jobs(integer, double precision)")


def create_webhook_endpoints() -> None:
    op.create_table(
        "webhook_endpoints",
        *tenant_columns(),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("event_types", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        moment("disabled_at"),
        # What deliveries reference, so that one cannot leave its account.
        sa.UniqueConstraint("account_id", "id"),
    )
    op.create_index(
        "ix_webhook_endpoints_newest", "webhook_endpoints", ["account_id", "created_at", "id"]
    )
    op.create_index(
        "ix_webhook_endpoints_enabled",
        "webhook_endpoints",
        ["account_id"],
        postgresql_where=sa.text("disabled_at IS NULL"),
    )
    isolate_tenants("webhook_endpoints")


def create_webhook_deliveries() -> None:
    op.create_table(
        "webhook_deliveries",
        *tenant_columns(),
        sa.Column("endpoint_id", sa.Uuid(), nullable=False),
        sa.Column("event_type", sa.Text(), nullable=False),
        sa.Column("webhook_id", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text()),
        sa.Column("status", sa.Text(), nullable=False, server_default="pending"),
        count("attempts"),
        sa.Column("last_status_code", sa.Integer()),
        sa.Column("last_error", sa.Text()),
        now_at("next_attempt_at"),
        moment("delivered_at"),
        moment("lease_until"),
        sa.Column("lease_token", sa.Uuid()),
        sa.ForeignKeyConstraint(
            ["account_id", "endpoint_id"],
            ["webhook_endpoints.account_id", "webhook_endpoints.id"],
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint("endpoint_id", "webhook_id"),
        sa.CheckConstraint("status IN ('pending', 'delivered', 'failed')", name="status_is_known"),
    )
    newest = ["created_at", "id"]
    indexes = {
        "newest": (["account_id", *newest], None),
        "by_status": (["account_id", "status", *newest], None),
        "endpoint": (["account_id", "endpoint_id"], None),
        "due": (["endpoint_id", "next_attempt_at"], "status = 'pending'"),
        "leased": (["endpoint_id", "lease_until"], "lease_until IS NOT NULL"),
        "delivered": (["delivered_at"], "delivered_at IS NOT NULL"),
    }
    for name, (columns, condition) in indexes.items():
        op.create_index(
            f"ix_webhook_deliveries_{name}",
            "webhook_deliveries",
            columns,
            postgresql_where=sa.text(condition) if condition else None,
        )
    isolate_tenants("webhook_deliveries", "SELECT, INSERT, UPDATE")


def create_claim_of_deliveries() -> None:
    # Jumps from endpoint to endpoint through the index, so that the backlog of one of them is
    # neither read through nor able to take the places of the others. Compiling it would take far
    # longer than running it.
    op.execute("""
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
        $$
    """)
    let_app_call("app.claim_webhook_deliveries(integer, integer, uuid, double precision)")


def create_purge() -> None:
    # In batches: one statement over everything could outlast its timeout, time and again.
    op.execute("""
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
        $$
    """)
    let_app_call("app.purge_expired(integer)")


def downgrade() -> None:
    for function in (
        "purge_expired",
        "claim_webhook_deliveries",
        "take_due_jobs",
        "take_back_lost_jobs",
        "claim_job",
    ):
        op.execute(f"DROP FUNCTION app.{function}")
    for table in ("webhook_deliveries", "webhook_endpoints", "jobs"):
        op.drop_table(table)

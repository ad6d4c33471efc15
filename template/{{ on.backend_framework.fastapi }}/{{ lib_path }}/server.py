"""Uvicorn with a drain: on SIGTERM load balancers are told first, connections are closed later."""

import gc
import os
import signal
import sys
import time
from threading import Timer
from types import FrameType

import uvicorn
from fastapi import FastAPI

from .http_protocol import protocol

# The longest that new requests are still taken after SIGTERM, for balancers to notice.
MAX_DRAIN_SECONDS = 2.0
# What closing the pools may take once the last request is done.
CLOSING_SECONDS = 0.5
LAST_SHARE = 0.95
# A request leaves next to no cycles behind, so Python's 700 would have most searches be in vain.
ALLOCATIONS_BETWEEN_COLLECTIONS = 10_000


class DrainingServer(uvicorn.Server):
    def __init__(
        self, app: FastAPI, *, host: str, port: int, grace_ms: int, head_timeout_ms: int
    ) -> None:
        grace = grace_ms / 1000
        self._drain_seconds = min(MAX_DRAIN_SECONDS, grace / 4)
        self._grace = grace
        self._app = app
        self._drained_at: float | None = None
        super().__init__(
            uvicorn.Config(
                app,
                host=host,
                port=port,
                http=protocol(head_timeout_ms / 1000),
                log_config=None,
                access_log=False,
                server_header=False,
                # TRUSTED_PROXY_HOPS alone decides whom to believe.
                proxy_headers=False,
                timeout_keep_alive=75,
                # Whole seconds only: uvicorn's type says so.
                timeout_graceful_shutdown=int(
                    max(1, grace - self._drain_seconds - CLOSING_SECONDS)
                ),
            )
        )

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        # Not handed on to uvicorn, which would end the process by the signal instead of with 0.
        if self._drained_at is not None and sig == signal.SIGINT:
            self.force_exit = True
        self._app.state.draining = True
        # After Ctrl-C nobody waits for a balancer.
        patience = self._drain_seconds if sig == signal.SIGTERM else 0
        self._drained_at = time.monotonic() + patience
        # A request that never ends must not keep the process beyond its grace.
        leave = Timer(self._grace * LAST_SHARE, os._exit, [os.EX_OK])
        leave.daemon = True
        leave.start()

    async def on_tick(self, counter: int) -> bool:
        if self._drained_at is not None and time.monotonic() >= self._drained_at:
            self.should_exit = True
        return await super().on_tick(counter)

    def serve_until_stopped(self) -> None:
        # What the start has made stays, and need not be searched again.
        gc.collect()
        gc.freeze()
        gc.set_threshold(ALLOCATIONS_BETWEEN_COLLECTIONS)
        self.run()
        if not self.started:
            sys.exit(3)

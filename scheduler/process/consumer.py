"""A consumer that survives a restart of Redis, and ends the worker when it cannot go on."""

from __future__ import annotations

import os
import threading

from celery.platforms import EX_FAILURE
from celery.worker import consumer

LAST_SECONDS = 10.0  # that a worker which cannot go on has to end in good order


class Consumer(consumer.Consumer):  # type: ignore[misc]
    """Celery 5.7 ends the worker when Redis restarts while the worker is partly busy.

    Closing the channel waits for the answer of its BRPOP, fails, and leaves the channel half closed; the
    second close crashes. That answer can never arrive, so we forget it first. A fault test covers this:
    drop this class once the test passes without it.
    """

    def on_connection_error_after_connected(self, exc: Exception) -> None:
        transport = getattr(self.connection, "_transport", None)
        for channel in list(getattr(transport, "channels", None) or ()):
            channel._in_poll = None
        super().on_connection_error_after_connected(exc)

    def stop(self) -> None:
        """The first step of the worker's end; its pool is stopped later.

        After an error that Celery calls unrecoverable, the pool may wait for a child's answer for ever: a
        worker that seems alive and does nothing. Its supervisor starts it again when it is gone.
        """
        if self.controller.exitcode == EX_FAILURE:
            end = threading.Timer(LAST_SECONDS, os._exit, (1,))
            end.daemon = True
            end.start()
        super().stop()

"""Celery's settings, each with its reason (names are Celery's; docs/architecture.md explains them)."""

from __future__ import annotations

from django.conf import settings
from redis.backoff import ExponentialWithJitterBackoff
from redis.retry import Retry

from scheduler.queues import CONTROL, PRIORITY_STEPS, QUEUES, SEPARATOR
from scheduler.redis_server import CLOCK, redis_url
from scheduler.redis_server import broker_url as _broker_url

imports = ("scheduler.tasks", "scheduler.worker")

# Broker: never give up, notice half-open sockets, true priorities with readable keys.
broker_url = _broker_url()
_KEEPALIVE = {} if broker_url.startswith("redis+socket:") else {"socket_keepalive": True}  # TCP has it
broker_connection_retry_on_startup = True
broker_connection_max_retries = None
broker_transport_options = {
    "visibility_timeout": 3600,  # never reached: rows bring work back earlier (see queues.forget_held)
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 3,
    "unacked_restore_limit": 200,  # without it one worker restores everything in its event loop
    "socket_timeout": 10,
    "socket_connect_timeout": 5,
    **_KEEPALIVE,
    "health_check_interval": 10,
    "priority_steps": PRIORITY_STEPS,
    "sep": SEPARATOR,
    "queue_order_strategy": "priority",  # -Q urgent,normal,bulk is a strict order
}

# Queues: a typo fails loudly; lane and priority are set on every step (scheduler.chains).
task_queues = QUEUES
task_default_queue = CONTROL
task_create_missing_queues = False
task_default_priority = 5
task_inherit_parent_priority = True

# A message is acknowledged when its work is done. If its child process was killed it is delivered again, and
# attempts are counted on the row before the work begins.
task_acks_late = True
task_reject_on_worker_lost = True
task_acks_on_failure = task_acks_on_timeout = True  # failures are written in the row, and never loop
worker_prefetch_multiplier = 1
worker_cancel_long_running_tasks_on_connection_loss = False
task_publish_retry_policy = {"max_retries": 3, "interval_start": 0, "interval_step": 0.2, "interval_max": 1}

# Results are kept only for tasks that a person waits for.
result_backend = "django-db"
task_ignore_result = True
result_extended = True
result_expires = 7 * 86400

task_serializer = result_serializer = "json"
accept_content = result_accept_content = ["json"]

# Workers
worker_consumer = "scheduler.process.consumer:Consumer"
worker_hijack_root_logger = False
worker_redirect_stdouts = False
worker_send_task_events = settings.SEND_EVENTS  # for Flower
worker_enable_remote_control = True  # Flower and the containers' health checks ask workers
task_soft_time_limit = settings.TASK_SOFT_SECONDS  # prefork only
task_time_limit = settings.TASK_SECONDS
worker_soft_shutdown_timeout = 0  # scheduler.process.shutdown does it
worker_max_tasks_per_child = 500
worker_max_memory_per_child = 400_000  # KiB
worker_proc_alive_timeout = 60
enable_utc = True
timezone = "UTC"

# Connections: with a pool that threads share, each task gives its connection back; otherwise it is kept.
_POOLED = settings.PROCESS_KIND == "threads" and bool(settings.DATABASE_URL)
CELERY_DB_REUSE_MAX = None if _POOLED else 1_000_000

# The clock. Seeds have one-shot entries of their own (scheduler.clock.entries); these are for periodic tasks.
beat_scheduler = "scheduler.clock.beat:Scheduler"
beat_max_loop_interval = settings.BEAT_LOOP_SECONDS
redbeat_lock_timeout = max(settings.BEAT_LOCK_SECONDS, 2)  # a standby takes over within lock + loop
redbeat_key_prefix = "redbeat:"
redbeat_redis_url = redis_url(CLOCK)
redbeat_redis_options = {
    "retry": Retry(ExponentialWithJitterBackoff(base=0.1, cap=2), 20),
    "socket_timeout": 5,
    **_KEEPALIVE,
}


def _every(seconds: float, task: str) -> dict[str, object]:
    """A static entry; a message that no worker took before the next one is useless."""
    options = {"queue": CONTROL, "priority": 0, "expires": max(seconds, 5)}
    return {"task": task, "schedule": seconds, "options": options}


beat_schedule = {
    "heartbeat": _every(settings.HEARTBEAT_SECONDS, "heartbeat"),
    "reconcile": _every(settings.RECONCILE_SECONDS, "reconcile"),
    "sweep": _every(settings.SWEEP_SECONDS, "sweep"),
    "prune": _every(settings.PRUNE_SECONDS, "prune"),
}

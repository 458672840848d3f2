"""Shipping: data of a seed that goes out by itself, to the places of its outlets.

An outlet says where its data go and when; a shipment is one lot of them. Shipments of an outlet go in the
order of their numbers, each is made once and sent until it has arrived or is given up
(docs/decisions/0060). A person's calls are in :mod:`.outlets` and :mod:`.orders`, a worker's in
:mod:`.making` and :mod:`.sending`.
"""

from pipelines.shipping.making import make_shipment
from pipelines.shipping.orders import (
    let_go,
    order,
    order_after_run,
    order_due,
    order_owed,
    send_all_again,
    try_now,
)
from pipelines.shipping.outlets import check_outlet, pause, put_in_force, resume, secrets_of
from pipelines.shipping.queue import Step, Work, work_to_do
from pipelines.shipping.sending import probe_place, send_shipments

__all__ = [
    "Step",
    "Work",
    "check_outlet",
    "let_go",
    "make_shipment",
    "order",
    "order_after_run",
    "order_due",
    "order_owed",
    "pause",
    "probe_place",
    "put_in_force",
    "resume",
    "secrets_of",
    "send_all_again",
    "send_shipments",
    "try_now",
    "work_to_do",
]

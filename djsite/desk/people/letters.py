"""The mail of an invitation, by the mail server of a channel."""

from __future__ import annotations

from datetime import datetime

from catalog.models import Channel
from catalog.models.telling.channel import new_uid
from catalog.sealing import SealingError
from pipelines.telling.kinds import mail
from pipelines.telling.kinds.kind import Answer, Sending
from pipelines.telling.sending.delivery import secrets_of


def mail_channel() -> Channel | None:
    """The channel whose mail server invitations go by; None if there is no such channel in use."""
    return Channel.objects.filter(kind="mail", enabled=True).order_by("pk").first()


def send_invitation(channel: Channel, to: str, link: str, by: str, now: datetime) -> Answer:
    """Hand a mail with the link to the server; what it answers."""
    sentence = f"{by} invites you to Crawlbeat. Choose a name and a password within a day:"
    event = {"sentence": sentence, "link": "", "url": link}
    try:
        secret = secrets_of(channel)
    except SealingError as error:
        return Answer(False, str(error), refused=True)
    return mail.send(
        Sending(
            uid=new_uid(),
            subject="Your invitation to Crawlbeat",
            body={"events": [event], "alerts": [], "left": 0, "counts": []},
            created_at=now,
            at=now,
            channel=channel.name,
            options={**channel.options, "to": [to], "site": ""},
            secret=secret,
        )
    )

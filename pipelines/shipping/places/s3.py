"""A bucket of S3, or of what speaks its protocol. An object appears whole; large ones are sent in parts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, BinaryIO

import boto3
from boto3.exceptions import S3UploadFailedError
from boto3.s3.transfer import TransferConfig
from botocore.awsrequest import (
    AWSHTTPConnection,
    AWSHTTPConnectionPool,
    AWSHTTPSConnection,
    AWSHTTPSConnectionPool,
)
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.httpsession import URLLib3Session

from crawler.requests.exchange import one_line
from crawler.requests.guard import AddressGuard, BlockedAddress
from pipelines.shipping.places.files import NAME, put_all, try_out
from pipelines.shipping.places.place import FILE, Lot, Spot
from pipelines.sockets import open_socket
from pipelines.telling.kinds.kind import (
    ANSWER_CHARACTERS,
    Answer,
    Problems,
    Setting,
    blocked_words,
    is_web_address,
)

LABEL = "S3 bucket"
TAKES = FILE
SECONDS = 20.0  # for a connection, and for each silence of the server
PART = 32_000_000  # bytes; larger files are sent in parts of this size
REGION = "us-east-1"
SETTINGS = (
    Setting(
        "endpoint", "Address", "Of the service, such as https://s3.example.org. Empty: AWS.", needed=False
    ),
    Setting("bucket", "Bucket"),
    Setting(
        "folder", "Folder", "What the names of the objects begin with, such as shop/prices.", needed=False
    ),
    Setting("region", "Region", f"Empty: {REGION}.", needed=False),
    Setting("access_key", "Access key id"),
    Setting("secret_key", "Secret access key", secret=True),
    NAME,
)
_FAILURES = (BotoCoreError, ClientError, S3UploadFailedError, OSError)


def check(options: Mapping[str, Any], secret: Mapping[str, str]) -> Problems:
    """Address, bucket, folder and keys."""
    problems = {}
    endpoint, folder = str(options.get("endpoint", "")), str(options.get("folder", ""))
    if endpoint and not is_web_address(endpoint):
        problems["endpoint"] = "Give an address such as https://s3.example.org, or nothing for AWS."
    if not options.get("bucket") or "/" in str(options["bucket"]):
        problems["bucket"] = "Give the name of a bucket, without a folder."
    if folder.startswith("/") or not (folder.isprintable() or not folder):
        problems["folder"] = "Give what names begin with, such as shop/prices, without a / before it."
    problems |= {} if options.get("access_key") else {"access_key": "Give the id of the access key."}
    return problems | ({} if secret.get("secret_key") else {"secret_key": "Give the secret access key."})


def send(lot: Lot) -> Answer:
    """Put the object."""
    try:
        return Answer(True, put_all(lot, _Bucket(lot.spot)))
    except _FAILURES as error:
        return _failed(error)


def probe(spot: Spot) -> Answer:
    """Put a small object and delete it."""
    try:
        try_out(_Bucket(spot))
    except _FAILURES as error:
        return _failed(error)
    return Answer(True, f"Objects can be written in {spot.options['bucket']}.")


def _failed(error: Exception) -> Answer:
    if isinstance(error, HTTPClientError) and isinstance(
        blocked := error.kwargs.get("error"), BlockedAddress
    ):
        return Answer(False, blocked_words(blocked), refused=True)
    status = getattr(error, "response", {}).get("ResponseMetadata", {}).get("HTTPStatusCode")
    text = one_line(f"The bucket did not take it: {error}")[:ANSWER_CHARACTERS]
    return Answer(False, text, status, refused=status in {400, 401, 403, 404})


class _Bucket:
    def __init__(self, spot: Spot) -> None:
        self._client = _client(spot)
        self._bucket = str(spot.options["bucket"])
        folder = str(spot.options.get("folder", "")).strip("/")
        self._prefix = f"{folder}/" if folder else ""

    def put(self, name: str, file: BinaryIO, kept: Callable[[], None]) -> None:
        once = TransferConfig(multipart_threshold=PART, multipart_chunksize=PART, use_threads=False)
        key = f"{self._prefix}{name}"
        self._client.upload_fileobj(file, self._bucket, key, Callback=lambda _: kept(), Config=once)

    def names(self) -> Iterable[str]:
        pages = self._client.get_paginator("list_objects_v2")
        listed = pages.paginate(Bucket=self._bucket, Prefix=self._prefix, Delimiter="/")
        objects = (each for page in listed for each in page.get("Contents", ()))
        return [each["Key"].removeprefix(self._prefix) for each in objects]

    def remove(self, name: str) -> None:
        self._client.delete_object(Bucket=self._bucket, Key=f"{self._prefix}{name}")


def _client(spot: Spot) -> Any:
    """A client with these keys alone: none of the machine are looked for, and no proxy of its own."""
    options = spot.options
    endpoint = options.get("endpoint") or None
    client = boto3.Session().client(
        "s3",
        endpoint_url=endpoint,
        region_name=options.get("region") or REGION,
        aws_access_key_id=options["access_key"],
        aws_secret_access_key=spot.secret["secret_key"],
        config=Config(
            proxies={},
            retries={"total_max_attempts": 1},  # a shipment is tried again
            s3={"addressing_style": "path" if endpoint else "virtual"},
            request_checksum_calculation="when_required",  # many that speak S3 know no other
        ),
    )
    client._endpoint.http_session = _Session(AddressGuard(spot.networks))
    return client


class _Session(URLLib3Session):  # type: ignore[misc]  # has no types
    """botocore's, with connections that the guard lets through."""

    def __init__(self, guard: AddressGuard) -> None:
        super().__init__(timeout=(SECONDS, SECONDS), proxies={})
        pools = {
            "http": (AWSHTTPConnectionPool, AWSHTTPConnection),
            "https": (AWSHTTPSConnectionPool, AWSHTTPSConnection),
        }
        self._manager.pool_classes_by_scheme = {
            scheme: type("Guarded", (pool,), {"ConnectionCls": _guarded(connection, guard)})
            for scheme, (pool, connection) in pools.items()
        }


def _guarded(connection: type, guard: AddressGuard) -> type:
    """A class of connections whose socket is opened behind the guard."""
    return type(
        "Guarded",
        (connection,),
        {"_new_conn": lambda self: open_socket(guard, self.host, self.port, SECONDS)},
    )

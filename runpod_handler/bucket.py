"""An S3-compatible bucket, named by the worker's environment. Its keys are never part of a message.

BUCKET_ENDPOINT_URL, BUCKET_ACCESS_KEY_ID and BUCKET_SECRET_ACCESS_KEY as in RunPod's documentation; BUCKET_NAME
(default `tuner`) and BUCKET_REGION (default us-east-1). The bucket must exist.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Self

PREFIX = "tuner-weights/"
VALID_S = 24 * 3600
"""How long a presigned address is valid; a study downloads the weights within this time."""
PATIENCE_S, ATTEMPTS = 20, 3


class BucketError(Exception):
    """The bucket did not accept the weights, for the reason in its text, which is one line."""


@dataclass(frozen=True)
class Bucket:
    """Address, keys and name of a bucket."""

    endpoint_url: str
    access_key_id: str = field(repr=False)
    secret_access_key: str = field(repr=False)
    name: str = "tuner"

    @classmethod
    def of_environment(cls) -> Self | None:
        """Return the bucket that the environment names; None if it names none; BucketError if a variable is missing."""
        named = {
            name: os.environ.get(f"BUCKET_{name.upper()}")
            for name in ("endpoint_url", "access_key_id", "secret_access_key")
        }
        if not any(named.values()):
            return None
        if missing := [f"BUCKET_{name.upper()}" for name, value in named.items() if not value]:
            raise BucketError(f"the worker's bucket is incomplete: set {' and '.join(missing)} there")
        return cls(**{key: str(value) for key, value in named.items()}, name=os.environ.get("BUCKET_NAME", "tuner"))

    def put(self, key: str, content: bytes) -> str:
        """Store `content` and return a presigned address, from which it can be downloaded for VALID_S."""
        import boto3
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError, ClientError

        client = boto3.client(
            "s3",
            endpoint_url=self.endpoint_url,
            aws_access_key_id=self.access_key_id,
            aws_secret_access_key=self.secret_access_key,
            region_name=os.environ.get("BUCKET_REGION", "us-east-1"),
            config=Config(
                signature_version="s3v4",
                s3={"addressing_style": "path"},
                connect_timeout=PATIENCE_S,
                read_timeout=PATIENCE_S,
                retries={"max_attempts": ATTEMPTS, "mode": "standard"},
                # Newer checksums are refused by several S3-compatible services; our SHA-256 travels with the address.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )
        try:
            client.put_object(Bucket=self.name, Key=PREFIX + key, Body=content)
            address = client.generate_presigned_url(
                "get_object", Params={"Bucket": self.name, "Key": PREFIX + key}, ExpiresIn=VALID_S
            )
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "an error")
            raise BucketError(f"the bucket {self.name} answered {code}") from error
        except (BotoCoreError, ValueError) as error:
            raise BucketError(f"the bucket {self.name} cannot be reached: {type(error).__name__}") from error
        return str(address)

"""Settings of the served application, from the environment. Only entry points read them."""

from __future__ import annotations

import ipaddress
import re
from typing import Annotated, Any

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import NoDecode

from tuner.errors import FixInputError
from tuner.settings import Settings

KIB, MIB, GIB = 2**10, 2**20, 2**30

Names = Annotated[tuple[str, ...], NoDecode]
"""Texts; in the environment separated by commas."""


class ServeSettings(Settings):
    """Environment variables with the prefix `TUNER_`, in addition to those of `Settings`."""

    host: str = Field(default="127.0.0.1", min_length=1, description="Address to listen on.")
    port: int = Field(default=8000, ge=0, le=65_535, description="Port to listen on; 0: any free port.")
    api_token: SecretStr | None = Field(
        default=None,
        description="Token that requests need, as `Authorization: Bearer TOKEN` or by the cookie of a login.",
    )
    allowed_origins: Names = Field(
        default=(), description="Origins of other web pages that may send requests, such as https://example.org."
    )
    allowed_hosts: Names = Field(
        default=(),
        description="Names of this server that clients may send as Host, such as tuner.example.org; localhost, IP "
        "addresses and this machine's own name need no entry.",
    )
    body_limit: int = Field(default=8 * MIB, gt=0, description="Largest body with inputs of a prediction, in bytes.")
    upload_limit: int = Field(
        default=512 * MIB, gt=0, description="Largest file of a data set, in bytes, also after its decompression."
    )
    upload_quota: int = Field(default=16 * GIB, gt=0, description="Space of all uploaded data sets together, in bytes.")
    upload_timeout_s: float = Field(
        default=120.0, gt=0, description="Longest time to inspect an uploaded file, in seconds."
    )
    body_timeout_s: float = Field(
        default=30.0, gt=0, description="Longest time for the body of a request with less than 16 KiB/s, in seconds."
    )
    launch_timeout_s: float = Field(
        default=120.0, gt=0, description="Longest wait for a study to be started, in seconds."
    )
    allowed_models: Names = Field(
        default=(), description="Own models (module:function) that studies over HTTP may use; they are code."
    )

    @field_validator("allowed_origins", "allowed_hosts", "allowed_models", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("allowed_origins")
    @classmethod
    def _origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        for origin in origins:
            if not re.fullmatch(r"https?://[A-Za-z0-9.\-\[\]:]+", origin):
                raise ValueError(f"{origin!r} is not an origin; write it like https://example.org, without a path")
        return tuple(origin.lower() for origin in origins)

    @field_validator("allowed_hosts")
    @classmethod
    def _hosts(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        for host in hosts:
            if not re.fullmatch(r"[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]", host):
                raise ValueError(f"{host!r} is not the name of a host; write it like tuner.example.org, without a port")
        return tuple(host_name(host) for host in hosts)

    @field_validator("api_token")
    @classmethod
    def _not_empty(cls, token: SecretStr | None) -> SecretStr | None:
        if token is not None and not re.fullmatch(r"[\x21-\x7e]+", token.get_secret_value()):
            raise ValueError("must be one word of printable ASCII characters; leave it unset for no token")
        return token

    @property
    def token(self) -> str | None:
        """The token; None: none is required."""
        return None if self.api_token is None else self.api_token.get_secret_value()

    def check_address(self) -> None:
        """Raise FixInputError if other machines could reach an application without a token."""
        if self.token is None and not is_local(self.host):
            raise FixInputError(
                f"host {self.host} can be reached from other machines", remedy="set TUNER_API_TOKEN, or use 127.0.0.1"
            )


def host_name(host: str) -> str:
    """A host as it is compared: in lower case, without the brackets of an IPv6 address and without a final dot."""
    return host.lower().strip("[]").removesuffix(".")


def is_local(host: str) -> bool:
    """Whether a host is localhost or a loopback address, which no other machine can reach."""
    address = ip_address(host)
    return host_name(host) == "localhost" if address is None else address.is_loopback


def ip_address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The IP address that a host is; None: it is a name."""
    try:
        return ipaddress.ip_address(host_name(host))
    except ValueError:
        return None

"""Waits on a spot node until the cloud announces that it takes the node back, and has Ray drain it.

    python -m tuner.runners.spot_interruption aws          or gcp; the cluster's files start it beside Ray

A node that is being drained gets no further trial, and the autoscaler requests another one at once. Its trials finish
their epoch and continue on other nodes (`nodes.NodeDrain`). Without this they would continue after the loss of the
node, from their last saved epoch.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

log = logging.getLogger("tuner.spot")

INTERVAL_S = 5.0
"""AWS announces it two minutes before, Google half a minute."""
TIMEOUT_S = 2.0
AWS, GCP = "http://169.254.169.254", "http://metadata.google.internal"
GCP_NOTICE_S = 30.0


@dataclass(frozen=True)
class InterruptionNotice:
    """The announcement that the cloud takes this node back."""

    left_s: float
    """Seconds until then."""
    text: str


def aws(base: str = AWS) -> InterruptionNotice | None:
    """Return the notice of EC2's metadata service (version 2, with a session token); None if there is none yet."""
    token = _answer(f"{base}/latest/api/token", {"X-aws-ec2-metadata-token-ttl-seconds": "60"}, method="PUT")
    text = _answer(f"{base}/latest/meta-data/spot/instance-action", {"X-aws-ec2-metadata-token": token or ""})
    if text is None:
        return None
    answer = json.loads(text)
    return InterruptionNotice(
        (datetime.fromisoformat(answer["time"]) - datetime.now(UTC)).total_seconds(), f"AWS: {answer['action']}"
    )


def gcp(base: str = GCP) -> InterruptionNotice | None:
    """Return the notice of Google's metadata service; None if there is none yet."""
    text = _answer(f"{base}/computeMetadata/v1/instance/preempted", {"Metadata-Flavor": "Google"})
    return InterruptionNotice(GCP_NOTICE_S, "Google: preempted") if text == "TRUE" else None


CLOUDS = {"aws": aws, "gcp": gcp}
"""Each raises OSError if the metadata service does not answer."""


def _answer(url: str, headers: dict[str, str], method: str = "GET") -> str | None:
    """Return the text of an answer; None for 404."""
    request = urllib.request.Request(url, headers=headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
            return str(answer.read().decode())
    except urllib.error.HTTPError as error:
        with error:
            if error.code == 404:
                return None
            raise


def drain(notice: InterruptionNotice) -> bool:
    """Have Ray drain this node; return whether it accepted."""
    left = str(max(0, int(notice.left_s)))
    command = ["ray", "drain-node", "--reason", "DRAIN_NODE_REASON_PREEMPTION"]
    command += ["--reason-message", notice.text, "--deadline-remaining-seconds", left]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        log.warning("Ray does not drain this node: %s", " ".join((done.stderr or done.stdout).split())[-200:])
    return done.returncode == 0


def watch(
    ask: Callable[[], InterruptionNotice | None],
    drain: Callable[[InterruptionNotice], bool] = drain,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Return once the cloud has announced the end of this node and Ray drains it. Errors are logged once."""
    silent = False
    while True:
        try:
            notice, silent = ask(), False
        except (OSError, ValueError) as error:
            if not silent:
                log.warning("the cloud's metadata service does not answer: %s", error)
            notice, silent = None, True
        if notice is not None:
            log.info("the cloud takes this node back in %.0f s (%s)", notice.left_s, notice.text)
            if drain(notice):
                return
        sleep(INTERVAL_S)


def main(arguments: Sequence[str]) -> int:
    """Watch this node until its end is announced; return the exit code."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    if len(arguments) != 1 or arguments[0] not in CLOUDS:
        print(f"python -m tuner.runners.spot_interruption {'|'.join(CLOUDS)}", file=sys.stderr)
        return 2
    watch(CLOUDS[arguments[0]])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

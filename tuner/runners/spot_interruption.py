"""Watches, on a worker, whether the cloud announces that it takes this spot node back, and has Ray drain it.

    python -m tuner.runners.spot_interruption aws          or gcp; the cluster's files start it beside Ray

A node that is drained gets no further trial, and the autoscaler asks for another one at once. Trials that train there
end their epoch, and go on elsewhere after it (`draining`). Without this, they do so when the node is lost, after their
last kept epoch.
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

log = logging.getLogger("tuner.announced")

LOOK_S = 5.0
"""AWS says it two minutes before, Google half a minute."""
ANSWER_WITHIN_S = 2.0
AWS, GCP = "http://169.254.169.254", "http://metadata.google.internal"
GCP_NOTICE_S = 30.0


@dataclass(frozen=True)
class InterruptionNotice:
    """That the node goes."""

    left_s: float
    """Until then, in seconds, as far as the cloud tells."""
    said: str


def aws(base: str = AWS) -> InterruptionNotice | None:
    """What EC2's metadata service says of this node (version 2, with a session token); None: nothing yet.

    Raises:
        OSError: nobody answers.
    """
    token = _answer(f"{base}/latest/api/token", {"X-aws-ec2-metadata-token-ttl-seconds": "60"}, method="PUT")
    said = _answer(f"{base}/latest/meta-data/spot/instance-action", {"X-aws-ec2-metadata-token": token or ""})
    if said is None:
        return None
    told = json.loads(said)
    return InterruptionNotice(
        (datetime.fromisoformat(told["time"]) - datetime.now(UTC)).total_seconds(), f"AWS: {told['action']}"
    )


def gcp(base: str = GCP) -> InterruptionNotice | None:
    """What Google's metadata service says of this node; None: nothing yet.

    Raises:
        OSError: nobody answers.
    """
    said = _answer(f"{base}/computeMetadata/v1/instance/preempted", {"Metadata-Flavor": "Google"})
    return InterruptionNotice(GCP_NOTICE_S, "Google: preempted") if said == "TRUE" else None


CLOUDS = {"aws": aws, "gcp": gcp}


def _answer(url: str, headers: dict[str, str], method: str = "GET") -> str | None:
    """The text of an answer; None: there is nothing of that name."""
    request = urllib.request.Request(url, headers=headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=ANSWER_WITHIN_S) as answer:
            return str(answer.read().decode())
    except urllib.error.HTTPError as error:
        with error:
            if error.code == 404:
                return None
            raise


def drain(notice: InterruptionNotice) -> bool:
    """Have Ray drain this node; gives whether it will."""
    left = str(max(0, int(notice.left_s)))
    command = ["ray", "drain-node", "--reason", "DRAIN_NODE_REASON_PREEMPTION"]
    command += ["--reason-message", notice.said, "--deadline-remaining-seconds", left]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        log.warning("not drained: %s", " ".join((done.stderr or done.stdout).split())[-200:])
    return done.returncode == 0


def watch(
    ask: Callable[[], InterruptionNotice | None],
    drain: Callable[[InterruptionNotice], bool] = drain,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Return once the node is announced to go and drained. A cloud that does not answer is asked again."""
    silent = False
    while True:
        try:
            notice, silent = ask(), False
        except (OSError, ValueError) as error:
            if not silent:
                log.warning("the cloud's metadata service does not answer: %s", error)
            notice, silent = None, True
        if notice is not None:
            log.info("this node goes in %.0f s (%s)", notice.left_s, notice.said)
            if drain(notice):
                return
        sleep(LOOK_S)


def main(arguments: Sequence[str]) -> int:
    """Watch this node until it goes; gives the exit code."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    if len(arguments) != 1 or arguments[0] not in CLOUDS:
        print(f"python -m tuner.runners.spot_interruption {'|'.join(CLOUDS)}", file=sys.stderr)
        return 2
    watch(CLOUDS[arguments[0]])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

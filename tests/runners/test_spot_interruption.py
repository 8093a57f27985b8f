"""A spot node that is announced to go is drained, with metadata services that are scripted."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tuner.runners import spot_interruption
from tuner.runners.spot_interruption import INTERVAL_S, InterruptionNotice, aws, gcp, watch

SOON = InterruptionNotice(100.0, "scripted")


@pytest.fixture
def service():
    """Answers by path, 404 where it has no answer, and keeps what it was asked, headers in small letters."""

    class Handler(BaseHTTPRequestHandler):
        answers: dict[str, str] = {}  # noqa: RUF012
        asked: list[tuple[str, str, dict[str, str]]] = []  # noqa: RUF012

        def _answer(self):
            self.asked.append((self.command, self.path, {name.lower(): text for name, text in self.headers.items()}))
            body = self.answers.get(self.path)
            self.send_response(404 if body is None else 200)
            self.send_header("Content-Length", str(len(body or "")))
            self.end_headers()
            self.wfile.write((body or "").encode())

        do_GET = do_PUT = _answer  # noqa: N815

        def log_message(self, format, *arguments):
            pass

    Handler.answers, Handler.asked = {}, []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    Handler.base = f"http://127.0.0.1:{server.server_port}"
    yield Handler
    server.shutdown()
    server.server_close()
    thread.join()


ACTION, TOKEN = "/latest/meta-data/spot/instance-action", "/latest/api/token"


def test_aws_says_nothing_until_it_takes_a_node_back(service):
    service.answers[TOKEN] = "t"
    assert aws(service.base) is None
    (put, path, _), (get, asked, headers) = service.asked
    assert (put, path, get, asked) == ("PUT", TOKEN, "GET", ACTION)
    assert headers["x-aws-ec2-metadata-token"] == "t"


def test_aws_says_when_a_node_goes(service):
    at = (datetime.now(UTC) + timedelta(seconds=120)).strftime("%Y-%m-%dT%H:%M:%SZ")
    service.answers |= {TOKEN: "t", ACTION: json.dumps({"action": "terminate", "time": at})}
    notice = aws(service.base)
    assert notice is not None
    assert 60 < notice.left_s <= 121
    assert notice.text == "AWS: terminate"


def test_google_says_true_once_a_node_goes(service):
    path = "/computeMetadata/v1/instance/preempted"
    service.answers[path] = "FALSE"
    assert gcp(service.base) is None
    service.answers[path] = "TRUE"
    assert gcp(service.base) == InterruptionNotice(30.0, "Google: preempted")
    assert service.asked[0][2]["metadata-flavor"] == "Google"


def watching(*answers, drains=(True,)):
    """Watch a service that gives these answers; gives what was drained, and how often it slept."""
    given, willing, drained, slept = iter(answers), iter(drains), [], []

    def ask():
        answer = next(given)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def drain(notice):
        drained.append(notice)
        return next(willing)

    watch(ask, drain, slept.append)
    return drained, slept


def test_it_looks_until_the_node_goes_and_drains_it_once():
    assert watching(None, None, SOON) == ([SOON], [INTERVAL_S, INTERVAL_S])


def test_a_drain_that_ray_refuses_is_asked_for_again():
    assert watching(SOON, SOON, drains=(False, True)) == ([SOON, SOON], [INTERVAL_S])


def test_a_service_that_does_not_answer_is_told_of_once_and_asked_again(caplog):
    drained, _ = watching(OSError("no route"), OSError("no route"), ValueError("no JSON"), SOON)
    assert drained == [SOON]
    assert caplog.text.count("does not answer") == 1


@pytest.mark.parametrize(("code", "drained"), [(0, True), (1, False)])
def test_ray_is_told_why_and_by_when(tmp_path, monkeypatch, caplog, code, drained):
    from ray.scripts.scripts import cli

    noted = tmp_path / "noted"
    (tmp_path / "ray").write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {noted}\necho "not accepted" >&2\nexit {code}\n')
    (tmp_path / "ray").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert spot_interruption.drain(SOON) is drained
    assert ("not accepted" in caplog.text) is not drained
    name, *arguments = noted.read_text().splitlines()
    given = cli.commands[name].make_context(name, arguments).params
    assert (given["reason"], given["deadline_remaining_seconds"]) == ("DRAIN_NODE_REASON_PREEMPTION", 100)
    assert given["reason_message"] == "scripted"


def test_a_cloud_that_it_does_not_know_is_told_of(capsys):
    assert spot_interruption.main(["azure"]) == 2
    assert "aws|gcp" in capsys.readouterr().err

"""Requests that are meant to freeze the application, to fill its memory or to get an endless answer out of it."""

from __future__ import annotations

import asyncio
import json
import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from serve_app.app import make_app
from serve_app.predicting.predictor import ServedPredictor
from serve_app.security import LONGEST_DOCUMENT
from tests.serve_app import studies
from tests.serve_app.conftest import Client, house
from tests.serve_app.replicas import Replica
from tests.serve_app.test_best_model import IMAGE, Even
from tuner.bounds import MOST_ERRORS
from tuner.spec import StudySpec

CPU_S = 6.0
"""Processor time of one request at most, on a machine whose cores are shared: alone it takes a third of it. Those that
this test was written for took 17 s, minutes and longer."""
ANSWER_BYTES = 100_000

JSON = {"Content-Type": "application/json"}
HOSTILE: dict[str, Callable[[], Any]] = {
    "30,000 constraints": lambda: {"constraints": ["parameter_count<=1000000"] * 30_000},
    "100,000 constraints": lambda: {"constraints": ["parameter_count<=1000000"] * 100_000},
    "700,000 unknown keys": lambda: {f"k{number}": 0 for number in range(700_000)},
    "100,000 keys of space": lambda: {"space": {f"k{number}": 1 for number in range(100_000)}},
    "100,000 choices": lambda: {"space": {"units": list(range(100_000))}},
    "an endless number": lambda: {"space": {"units": "1" * 1_000_000}},
    "an endless name": lambda: {"k" * 1_000_000: 1},
}


def cost(request: Callable[[], httpx.Response]) -> httpx.Response:
    """The answer, which took little processor time and is short."""
    began_s = time.process_time()
    answer = request()
    assert time.process_time() - began_s < CPU_S
    assert len(answer.content) < ANSWER_BYTES
    return answer


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_long_spec_is_refused_before_it_is_read(shared_client: Client, shared: Any, kind: str) -> None:
    content = json.dumps(HOSTILE[kind]()).encode()
    answer = cost(lambda: shared_client.post("/jobs", content=content, headers=JSON))
    assert (answer.status_code, answer.json()["detail"]) == (413, f"the body is longer than {LONGEST_DOCUMENT:,} bytes")
    assert shared.launcher.asked == []


def longest(part: Callable[[int], str]) -> bytes:
    """The longest allowed body that repeats a part: `part(number)` with its comma."""
    parts, length = [], 0
    for number in range(LONGEST_DOCUMENT):
        parts.append(part(number))
        length += len(parts[-1])
        if length > LONGEST_DOCUMENT - 100:
            break
    return "".join(parts[:-1])[:-1].encode()


SHORT_ENOUGH: dict[str, tuple[bytes, str]] = {
    "constraints": (b'{"constraints":[' + longest(lambda _: '"val_loss>=0",') + b"]}", "constraints"),
    "wrong constraints": (b'{"constraints":[' + longest(lambda _: "1,") + b"]}", "constraints"),
    "unknown keys": (b"{" + longest(lambda number: f'"k{number}":1,') + b"}", "k0"),
    "unknown keys of space": (b'{"space":{"x":{' + longest(lambda number: f'"k{number}":1,') + b"}}}", "space.x.k0"),
    "keys of space": (b'{"space":{' + longest(lambda number: f'"k{number}":1,') + b"}}", "space"),
    "wrong keys of space": (b'{"space":{' + longest(lambda number: f'"k{number}":{{}},') + b"}}", "space"),
    "choices": (b'{"space":{"x":[' + longest(lambda number: f"{number},") + b"]}}", "space.x"),
    "objectives": (b'{"objective":[' + longest(lambda _: '"val_loss",') + b"]}", "objective"),
    "a number": (b'{"space":{"x":"' + b"1" * 200_000 + b'"}}', "space.x"),
    "white space": (b'{"image_size":"' + b" " * 200_000 + b'"}', "image_size"),
    "a name": (b'{"' + b"k" * 200_000 + b'":1}', "k" * 100),
    "a text": (b'{"dataset":"' + b"d" * 200_000 + b'"}', "dataset"),
    "a great number": (b'{"space":{"x":{"low":1' + b"0" * 4_000 + b',"high":1}}}', "space.x.low"),
}


@pytest.mark.parametrize("kind", SHORT_ENOUGH)
def test_a_spec_of_the_longest_allowed_body_is_refused_at_once_with_few_errors(
    shared_client: Client, kind: str
) -> None:
    content, field = SHORT_ENOUGH[kind]
    assert len(content) <= LONGEST_DOCUMENT
    shared_client.post("/jobs", json={"trials": 0})  # what is built once is no part of the cost
    answer = cost(lambda: shared_client.post("/jobs", content=content, headers=JSON))
    errors = answer.json()["errors"]
    assert answer.status_code == 422
    assert errors[0]["field"].startswith(field)
    assert len(errors) <= MOST_ERRORS


def test_more_errors_than_are_named_are_told_of(shared_client: Client) -> None:
    problem = shared_client.post("/jobs", json={f"k{number}": 1 for number in range(MOST_ERRORS + 1)}).json()
    assert len(problem["errors"]) == MOST_ERRORS
    assert problem["detail"].endswith("; and more")
    problem = shared_client.post("/jobs", json={f"k{number}": 1 for number in range(MOST_ERRORS)}).json()
    assert len(problem["errors"]) == MOST_ERRORS
    assert not problem["detail"].endswith("; and more")


@pytest.mark.parametrize("depth", [100, 900, 960, 2_000])
def test_no_depth_of_a_value_is_an_internal_error(shared_client: Client, depth: int) -> None:
    for field in StudySpec.model_fields:
        content = f'{{"{field}":{"[" * depth}{"]" * depth}}}'.encode()
        assert shared_client.post("/jobs", content=content, headers=JSON).status_code in (400, 422), field


@pytest.mark.parametrize(
    "path",
    ["/jobs", "/api/sessions", "/health", "/datasets", "/jobs/a/trials", "/jobs/a/importance"],
)
def test_a_long_query_is_refused_at_once_with_few_errors(shared_client: Client, path: str) -> None:
    shared_client.get(path)
    query = "&".join(f"k{number}=1" for number in range(8_000))
    answer = cost(lambda: shared_client.get(f"{path}?{query}"))
    assert (answer.status_code, len(answer.json()["errors"])) == (422, MOST_ERRORS)


@pytest.mark.parametrize("path", ["/jobs", "/api/sessions", "/jobs/a/trials", "/api/sessions/a/trials"])
def test_a_parameter_that_is_repeated_without_end_is_one_error(shared_client: Client, path: str) -> None:
    answer = cost(lambda: shared_client.get(path + "?" + "&".join(["status=x"] * 7_000)))
    assert (answer.status_code, len(answer.json()["errors"])) == (422, 1)
    assert answer.json()["errors"][0]["message"] == "must have at most 10 items, not 7000"


def test_a_long_path_or_method_is_not_repeated(shared_client: Client) -> None:
    for answer in (shared_client.get("/" + "x" * 50_000), shared_client("X" * 50_000, "/health")):
        assert answer.status_code in (404, 405)
        assert len(answer.content) < 1_000


class TestPredictions:
    @pytest.fixture(scope="class")
    @classmethod
    def client(cls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
        with house(tmp_path_factory.mktemp("hostile")) as services:
            studies.ended(services.store, services.settings.results_dir)
            yield Client(make_app(replace(services, predictor=ServedPredictor(services.store, Even()))))

    @pytest.mark.parametrize("depth", [100, 900, 960, 2_000])
    def test_no_depth_of_an_input_is_an_internal_error(self, client: Client, depth: int) -> None:
        content = f'{{"inputs":[{"[" * depth}{"]" * depth}]}}'.encode()
        answer = client.post("/jobs/ended/best-model/predict", content=content, headers=JSON)
        assert answer.status_code in (400, 422)

    def test_their_bodies_may_be_longer_than_others(self, client: Client) -> None:
        content = b'{"inputs":[' + b" " * LONGEST_DOCUMENT + json.dumps(IMAGE).encode() + b"]}"
        assert client.post("/jobs/ended/best-model/predict", content=content, headers=JSON).status_code == 200
        assert client.post("/jobs/ended/resume", content=content, headers=JSON).status_code == 413

    def test_a_million_unknown_keys_are_few_errors(self, client: Client) -> None:
        content = b'{"inputs":[1],' + b",".join(b'"k%d":1' % number for number in range(700_000)) + b"}"
        answer = cost(lambda: client.post("/jobs/ended/best-model/predict", content=content, headers=JSON))
        assert (answer.status_code, len(answer.json()["errors"])) == (422, MOST_ERRORS)

    def test_a_million_inputs_are_one_error(self, client: Client) -> None:
        content = b'{"inputs":[' + b"1," * 1_000_000 + b"1]}"
        answer = cost(lambda: client.post("/jobs/ended/best-model/predict", content=content, headers=JSON))
        assert (answer.status_code, len(answer.json()["errors"])) == (422, 1)


def test_a_client_that_resumes_a_million_studies_is_disconnected_at_once(listen: Callable[..., Replica]) -> None:
    replica = listen()
    after = ",".join(f'"s{number}":"x"' for number in range(1_000_000))

    async def test() -> None:
        async with replica.connect("/ws?resume=true") as client:
            began_s = time.process_time()
            await client.socket.send(f'{{"type":"resume","after":{{{after}}}}}')
            with pytest.raises(ConnectionClosed) as closed:
                await client.next()
            assert time.process_time() - began_s < CPU_S
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 4400
            assert "the first message must be" in closed.value.rcvd.reason

    asyncio.run(test())


def test_many_unknown_keys_of_any_body_are_few_errors(shared_client: Client) -> None:
    content = b"{" + longest(lambda number: f'"k{number}":1,') + b"}"
    answer = cost(lambda: shared_client.post("/jobs/a/resume", content=content, headers=JSON))
    assert (answer.status_code, len(answer.json()["errors"])) == (422, MOST_ERRORS)


def test_memory_goes_back(shared_client: Client) -> None:
    content = b"{" + longest(lambda number: f'"k{number}":1,') + b"}"
    shared_client.post("/jobs", content=content, headers=JSON)
    tracemalloc.start()
    try:
        for _ in range(5):
            shared_client.post("/jobs", content=content, headers=JSON)
        kept, highest = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert highest < 40_000_000
    assert kept < 5_000_000


def test_others_are_answered_meanwhile(listen: Callable[..., Replica]) -> None:
    """The longest silence of /health while hostile requests come is that of one such request."""
    replica = listen()
    bodies = [content for content, _ in SHORT_ENOUGH.values()]

    async def attack(client: httpx.AsyncClient) -> None:
        for content in bodies:
            answer = await client.post("/jobs", content=content, headers=JSON)
            assert answer.status_code == 422

    async def test() -> None:
        async with httpx.AsyncClient(base_url=replica.address, timeout=60) as client:
            attacks = asyncio.gather(*(attack(client) for _ in range(4)))
            answered = 0
            while not attacks.done():
                assert (await client.get("/health")).status_code == 200
                answered += 1
            await attacks
            assert answered >= len(bodies)

    asyncio.run(test())

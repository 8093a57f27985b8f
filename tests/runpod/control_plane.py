"""RunPod on one machine: a small HTTP server that speaks the endpoint's REST to clients and the worker protocol to the
real `runpod` worker, with faults that a test switches on.

    with ControlPlane() as plane, Worker(plane):
        httpx.post(f"{plane.base_url}/v2/{plane.endpoint_id}/run", headers=plane.authorization, json={"input": ...})

It runs on a thread of its own; all methods may be called from any other. What it keeps to, as the service does:

- /stream gives each value once, in order, and waits up to `hold_s` for one;
- one streamed value may have 1 MB, a job's output 20 MB, a request 10 MB: 400 for the worker or the client beyond that;
- `policy` bounds waiting and running (executionTimeout above 5 s, ttl from 10 s, unless `strict_policy` is False);
- a worker is told to stop a job that was cancelled or timed out, by its open job-stop request;
- a worker that sends no ping for `lost_after_s` is lost (None: only `lose_worker` says so).
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, TypeVar

from aiohttp import web

from tests.runpod.api_key import API_KEY
from tests.runpod.faults import Fault, Faults
from tests.runpod.jobs import Job, Jobs

Answer = TypeVar("Answer")
REQUEST_BYTES, VALUE_BYTES, OUTPUT_BYTES = 10_000_000, 1_000_000, 20_000_000
TICK_S = 0.05


@dataclass(frozen=True)
class Request:
    """One request as it arrived."""

    operation: str
    path: str
    body: bytes
    time: float


class ControlPlane:
    """One endpoint and its queue. Starts with `with`."""

    def __init__(self, *, hold_s: float = 2.0, lost_after_s: float | None = None, requeue_lost: bool = False) -> None:
        self.api_key = API_KEY
        self.endpoint_id = "endpoint1"
        self.hold_s = hold_s
        self.lost_after_s = lost_after_s
        self.requeue_lost = requeue_lost
        self.strict_policy = True
        self.duplicate_values = False
        """While true /stream begins with the last value that it gave before."""
        self._faults = Faults()
        self._jobs = Jobs()
        self._requests: list[Request] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, name="control plane", daemon=True)
        self._started: Future[int] = Future()
        self._port = 0

    # --- for tests: where it is ---

    @property
    def base_url(self) -> str:
        """What stands in for the service's own address, without /v2."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def authorization(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.api_key}"}

    def worker_environment(self, worker_id: str) -> dict[str, str]:
        """What RunPod sets in a worker's container. The SDK fills $ID and $RUNPOD_POD_ID in itself."""
        base = f"{self.base_url}/v2/{self.endpoint_id}"
        return {
            "RUNPOD_WEBHOOK_GET_JOB": f"{base}/job-take/$ID?gpu=none",
            "RUNPOD_WEBHOOK_POST_OUTPUT": f"{base}/job-done/$RUNPOD_POD_ID/$ID?gpu=none",
            "RUNPOD_WEBHOOK_POST_STREAM": f"{base}/job-stream/$RUNPOD_POD_ID/$ID?gpu=none",
            "RUNPOD_WEBHOOK_PING": f"{base}/ping/$RUNPOD_POD_ID?gpu=none",
            "RUNPOD_PING_INTERVAL": "1000",
            "RUNPOD_AI_API_KEY": self.api_key,
            "RUNPOD_POD_ID": worker_id,
            "RUNPOD_ENDPOINT_ID": self.endpoint_id,
            "RUNPOD_SKIP_AUTO_SYSTEM_CHECKS": "true",
            "RUNPOD_SKIP_GPU_CHECK": "true",
        }

    # --- for tests: what went wrong ---

    def fail(self, fault: Fault) -> None:
        """Switch a fault on: see tests.runpod.faults."""
        self._call(self._faults.add, fault)

    def heal(self) -> None:
        """Switch all faults off."""
        self._call(self._faults.clear)

    def hold_queue(self, held: bool = True) -> None:
        """Give no worker a job until `hold_queue(False)`."""
        self._call(setattr, self._jobs, "held", held)

    def go_down(self) -> None:
        """Refuse and cut all connections; the queue stays."""
        self._await(self._close_port())

    def come_up(self) -> None:
        """Listen again, at the same port."""
        self._await(self._open_port())

    def lose_worker(self, worker_id: str, *, requeue: bool = False) -> None:
        """Say that a worker is gone, as the service does when its container died."""
        self._call(lambda: self._jobs.lose(worker_id, requeue=requeue))

    def deliver_again(self, job_id: str) -> None:
        """Put a job into the queue although a worker has it: the service delivers at least once."""
        self._call(lambda: self._jobs.retry(self._jobs.all[job_id]))

    # --- for tests: what happened ---

    def job(self, job_id: str) -> dict[str, Any]:
        """A job as /status tells it, with its `values`."""
        return self._call(lambda: self._jobs.all[job_id].answer() | {"values": list(self._jobs.all[job_id].values)})

    def jobs(self) -> list[dict[str, Any]]:
        """All jobs, in the order of their arrival, each with its `input` and `policy`."""
        return self._call(
            lambda: [job.answer() | {"input": job.input, "policy": job.policy} for job in self._jobs.all.values()]
        )

    def requests(self, operation: str | None = None) -> list[Request]:
        """All requests so far, or those of one operation."""
        return self._call(lambda: [one for one in self._requests if operation in (None, one.operation)])

    def wait_for(self, condition: Callable[[ControlPlane], Any], timeout_s: float = 60.0) -> Any:
        """What the condition gives once it is true.

        Raises:
            TimeoutError: it was not true in time.
        """
        until = time.monotonic() + timeout_s
        while not (met := condition(self)):
            if time.monotonic() > until:
                raise TimeoutError(f"not within {timeout_s:g} s")
            time.sleep(TICK_S)
        return met

    # --- for tests: a worker without a process ---

    def submit(self, job_input: Any, policy: dict[str, Any] | None = None) -> str:
        """The identifier of a job that was put into the queue without HTTP."""
        return self._call(lambda: self._jobs.submit({"input": job_input, "policy": policy}).id)

    def cancel(self, job_id: str) -> None:
        """Cancel a job without HTTP."""
        self._call(lambda: self._jobs.cancel(self._jobs.all[job_id]))

    def forget(self) -> None:
        """Have no jobs, as a new endpoint."""

        def forget() -> None:
            self._jobs = Jobs()

        self._call(forget)

    def take(self, worker_id: str = "scripted") -> dict[str, Any] | None:
        """The oldest job in the queue, as a worker gets it; None if none waits."""
        return self._call(lambda: next((_as_taken(job) for job in self._jobs.take(worker_id, 1)), None))

    def stream(self, job_id: str, value: Any, worker_id: str = "scripted") -> None:
        """Stream a value as the worker that took the job."""
        self._call(self._jobs.stream, job_id, value, worker_id)

    def finish(self, job_id: str, output: Any = None, error: str | None = None, worker_id: str = "scripted") -> None:
        """End the job as the worker that took it."""
        result = {"output": output} if error is None else {"error": error}
        self._call(self._jobs.done, job_id, result, worker_id)

    def stops(self, worker_id: str = "scripted") -> list[str]:
        """The jobs that a worker is to stop and was not told of."""
        return self._call(lambda: list(self._jobs.stops.get(worker_id, [])))

    # --- the server ---

    def __enter__(self) -> Self:
        self._thread.start()
        self._port = self._started.result(30)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(30)

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        app = web.Application(client_max_size=4 * OUTPUT_BYTES, middlewares=[self._guarded])
        endpoint = f"/v2/{self.endpoint_id}"
        for method, path, handler in (
            ("POST", "/run", self._run),
            ("POST", "/runsync", self._runsync),
            ("GET", "/status/{job}", self._status),
            ("POST", "/status/{job}", self._status),
            ("GET", "/stream/{job}", self._stream),
            ("POST", "/cancel/{job}", self._cancel),
            ("POST", "/retry/{job}", self._retry),
            ("GET", "/health", self._health),
            ("POST", "/purge-queue", self._purge),
            ("GET", "/job-take/{worker}", self._take),
            ("GET", "/job-take-batch/{worker}", self._take),
            ("GET", "/job-stop/{worker}", self._stop),
            ("POST", "/job-done/{worker}/{job}", self._done),
            ("POST", "/job-stream/{worker}/{job}", self._value),
            ("GET", "/ping/{worker}", self._ping),
        ):
            app.router.add_route(method, endpoint + path, handler)
        self._runner = web.AppRunner(app, handle_signals=False, access_log=None, shutdown_timeout=0.1)
        self._loop.run_until_complete(self._runner.setup())
        self._loop.run_until_complete(self._open_port())
        ticking = self._loop.create_task(self._tick())
        self._started.set_result(self._port)
        self._loop.run_forever()
        ticking.cancel()
        self._loop.run_until_complete(self._close_port())
        self._loop.run_until_complete(self._runner.cleanup())
        self._loop.close()

    async def _open_port(self) -> None:
        self._site = web.TCPSite(self._runner, "127.0.0.1", self._port, reuse_address=True)
        await self._site.start()
        self._port = self._runner.addresses[0][1]

    async def _close_port(self) -> None:
        if self._site in self._runner.sites:
            await self._site.stop()
        for connection in list(self._runner.server.connections if self._runner.server else []):
            if connection.transport is not None:
                connection.transport.abort()

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            self._jobs.expire()
            if self.lost_after_s is not None:
                silent = time.monotonic() - self.lost_after_s
                for worker in [one for one, last in self._jobs.last_ping.items() if last < silent]:
                    self._jobs.lose(worker, requeue=self.requeue_lost)

    def _await(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    def _call(self, function: Callable[..., Answer], *arguments: Any) -> Answer:
        async def call() -> Answer:
            return function(*arguments)

        return self._await(call())

    async def _until(self, ready: Callable[[], Any]) -> Any:
        """What is ready, at once or within `hold_s`."""
        until = time.monotonic() + self.hold_s
        while not (found := ready()) and time.monotonic() < until:
            await asyncio.sleep(0.005)
        return found

    @web.middleware
    async def _guarded(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """Note the request down, check the key, and fail as it is switched on."""
        operation = request.path.split("/")[3] if request.path.count("/") > 2 else ""
        body = await request.read()
        self._requests.append(Request(operation, request.path_qs, body, time.monotonic()))
        fault = self._faults.meet(operation)
        if fault is not None:
            await asyncio.sleep(fault.delay_s)
        if fault is None or fault.after or fault.only_slow:
            key = request.headers.get("Authorization", "").removeprefix("Bearer ")
            if key != self.api_key:
                return web.json_response({"error": "unauthorized"}, status=401)
            answer = await handler(request)
        if fault is None or fault.only_slow:
            return answer
        if fault.drop:
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        if fault.status is not None:
            return web.json_response({"error": "as asked"}, status=fault.status, headers=fault.headers)
        return web.Response(body=fault.body, content_type="application/json", headers=fault.headers)

    # --- the endpoint's REST ---

    def _job(self, request: web.Request) -> Job:
        job = self._jobs.all.get(request.match_info["job"])
        if job is None:
            raise web.HTTPNotFound(text='{"error": "job not found"}', content_type="application/json")
        return job

    async def _submit(self, request: web.Request) -> Job:
        body = await request.read()
        if len(body) > REQUEST_BYTES:
            raise web.HTTPBadRequest(text='{"error": "payload too large"}', content_type="application/json")
        try:
            payload = json.loads(body)
            policy = payload.get("policy") or {}
            short = policy.get("executionTimeout", 5_001) <= 5_000 or policy.get("ttl", 10_000) < 10_000
            refused = "input" not in payload or (self.strict_policy and short)
        except (ValueError, AttributeError, TypeError):
            refused = True
        if refused:
            raise web.HTTPBadRequest(text='{"error": "bad request"}', content_type="application/json")
        return self._jobs.submit(payload)

    async def _run(self, request: web.Request) -> web.Response:
        job = await self._submit(request)
        return web.json_response({"id": job.id, "status": job.status})

    async def _runsync(self, request: web.Request) -> web.Response:
        job = await self._submit(request)
        await self._until(lambda: job.ended)
        return web.json_response(job.answer())

    async def _status(self, request: web.Request) -> web.Response:
        return web.json_response(self._job(request).answer())

    async def _stream(self, request: web.Request) -> web.Response:
        job = self._job(request)
        await self._until(lambda: job.ended or len(job.values) > job.handed_out)
        first = max(0, job.handed_out - 1) if self.duplicate_values else job.handed_out
        new, job.handed_out = job.values[first:], len(job.values)
        return web.json_response({"status": job.status, "stream": [{"output": value} for value in new]})

    async def _cancel(self, request: web.Request) -> web.Response:
        job = self._job(request)
        self._jobs.cancel(job)
        return web.json_response({"id": job.id, "status": job.status})

    async def _retry(self, request: web.Request) -> web.Response:
        job = self._job(request)
        if job.status not in ("FAILED", "TIMED_OUT"):
            raise web.HTTPBadRequest(text='{"error": "not to be retried"}', content_type="application/json")
        self._jobs.retry(job)
        return web.json_response({"id": job.id, "status": job.status})

    async def _health(self, request: web.Request) -> web.Response:
        return web.json_response(self._jobs.health())

    async def _purge(self, request: web.Request) -> web.Response:
        return web.json_response({"removed": self._jobs.purge(), "status": "completed"})

    # --- the worker protocol ---

    async def _take(self, request: web.Request) -> web.Response:
        worker, batch = request.match_info["worker"], "job-take-batch" in request.path
        at_most = int(request.query.get("batch_size", "1"))

        def gone() -> bool:
            return request.transport is None or request.transport.is_closing()

        taken = await self._until(lambda: gone() or self._jobs.take(worker, at_most))
        if not isinstance(taken, list) or not taken:
            return web.Response(status=204)
        jobs = [_as_taken(job) for job in taken]
        return web.json_response(jobs if batch else jobs[0])

    async def _stop(self, request: web.Request) -> web.Response:
        worker = request.match_info["worker"]
        to_stop = await self._until(lambda: self._jobs.stops.pop(worker, []))
        return web.json_response({"jobsToStop": to_stop}) if to_stop else web.Response(status=204)

    async def _done(self, request: web.Request) -> web.Response:
        result = _json(await request.read(), OUTPUT_BYTES)
        self._jobs.done(request.match_info["job"], result, request.match_info["worker"])
        return web.Response()

    async def _value(self, request: web.Request) -> web.Response:
        value = _json(await request.read(), VALUE_BYTES)
        self._jobs.stream(request.match_info["job"], value.get("output"), request.match_info["worker"])
        return web.Response()

    async def _ping(self, request: web.Request) -> web.Response:
        self._jobs.last_ping[request.match_info["worker"]] = time.monotonic()
        return web.Response()


def _as_taken(job: Job) -> dict[str, Any]:
    return {"id": job.id, "input": job.input}


def _json(body: bytes, at_most: int) -> dict[str, Any]:
    if len(body) > at_most:
        raise web.HTTPBadRequest(text="too large")
    parsed = json.loads(body)
    assert isinstance(parsed, dict)
    return parsed

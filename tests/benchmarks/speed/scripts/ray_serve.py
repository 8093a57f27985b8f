"""Ray Serve with one route of FastAPI, as its documentation shows it, until it is ended."""

from __future__ import annotations

import argparse
import signal
import sys

from fastapi import FastAPI
from ray import serve

parser = argparse.ArgumentParser()
parser.add_argument("--port", type=int, required=True)
port = parser.parse_args().port

app = FastAPI()


@serve.deployment
@serve.ingress(app)
class Api:
    @app.get("/health")
    def health(self) -> dict[str, str]:
        return {"status": "ok"}


serve.start(http_options={"port": port})
serve.run(Api.bind())
signal.signal(signal.SIGTERM, lambda *_: sys.exit())
signal.pause()

"""Texts as clients may see them: without folders of the server and without addresses of its database and stores.

Errors, reasons and logs are written for whoever runs the server. They name places so that these can be found; clients
get the last part of a path, and operators read the rest in the server's log.
"""

from __future__ import annotations

import html
import re
from typing import TypeVar

from pydantic import BaseModel

Model = TypeVar("Model", bound=BaseModel)

FIELDS = ("reason", "error", "why_local")
"""Fields of studies, trials and events that hold texts of this kind."""

_REQUESTS = {
    "list": "GET /jobs",
    "show": "GET /jobs/{}",
    "resume": "POST /jobs/{}/resume",
    "cancel": "POST /jobs/{}/cancel",
    "options": "GET /options",
}
"""What takes the place of commands of the command line."""
_PART = r"[^\s/\\\"':;,()\[\]]+"
_OWN_PATHS = "jobs|datasets|api|ws|options|health|ready|metrics|openapi.json"
"""First parts of the application's own paths, which remedies name."""
# A folder's name may have spaces, but none before the next slash. A slash after a word begins no absolute path.
_FOLDER = re.compile(rf"(?<![\w.:/)\]}}<*-])~?/(?!(?:{_OWN_PATHS})\b)(?={_PART})(?:{_PART}(?: {_PART}){{0,3}}/+)*")
_ADDRESS = re.compile(
    r"\b(?:(?:postgres(?:ql)?|mysql|mariadb|sqlite|oracle|mssql)(?:\+\w+)?|s3|gs|gcs|abfss?|hdfs|file)://[^\s\"',;)]*"
)
_SERVER = re.compile(r"\bserver at \"[^\"]*\"(?: \([^)]*\))?, port \d+")
"""How PostgreSQL's driver names the server that it cannot reach."""
_MARKUP = re.compile(r"(<style\b.*?</style>|<!--.*?-->|<[^>]*>)", re.DOTALL)
"""What is no text of a page: tags with their attributes, such as images in base64, and styles."""
_TEXTS = re.compile(r'"(?:reason|why_local)":"(?:[^"\\]|\\.)*"')


def public(text: str) -> str:
    """The text with `trials.csv` instead of `/home/ann/results/trials.csv`, and without addresses of stores."""
    text = _SERVER.sub("the database server", _ADDRESS.sub("(address hidden)", text))
    return _FOLDER.sub("", text)


def public_page(page: str) -> str:
    """The HTML page with `public` applied to its texts, but not to tags and styles."""
    return "".join(part if place % 2 else _public_html(part) for place, part in enumerate(_MARKUP.split(page)))


def _public_html(escaped: str) -> str:
    text = html.unescape(escaped)
    shown = public(text)
    return escaped if shown == text else html.escape(shown, quote=False)


def over_http(remedy: str) -> str:
    """The remedy with HTTP requests in place of commands of the command line."""

    def request(command: re.Match[str]) -> str:
        name, study, trials = command.groups()
        if name not in _REQUESTS:
            return command[0]
        return _REQUESTS[name].format(study or "{id}") + (f' {{"trials": {trials}}}' if trials else "")

    return re.sub(r"`tuner (\w+)(?: ([^` ]+))?(?: trials=(\d+))?`", request, remedy)


def public_json(document: str) -> str:
    """The JSON of a TrialSummary with its texts as clients may see them; to parse it would take much longer."""
    return _TEXTS.sub(lambda found: public(found[0]), document, count=2)


def for_clients(value: Model) -> Model:
    """The study, trial or event with its texts as clients may see them."""
    texts = {name: text for name in FIELDS if isinstance(text := getattr(value, name, None), str)}
    changed = {name: shown for name, text in texts.items() if (shown := public(text)) != text}
    return value.model_copy(update=changed) if changed else value

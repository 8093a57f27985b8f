"""Prints an error as one line on stderr and chooses the exit code: 2 for wrong input, 130 after Ctrl-C, else 1.

TUNER_DEBUG=1 prints the traceback too.
"""

from __future__ import annotations

import os
import traceback

import typer

from tuner.console.output import print_error
from tuner.errors import TunerError, in_one_line
from tuner.spec import StudySpec

BAD_INPUT, INTERNAL_ERROR, CANCELLED = 2, 1, 130


def report_error(error: BaseException) -> int:
    """Print the error and return the exit code."""
    if os.environ.get("TUNER_DEBUG", "") not in ("", "0"):
        traceback.print_exception(error)
    if isinstance(error, (KeyboardInterrupt, typer.Abort)):
        return CANCELLED
    if isinstance(error, TunerError):
        print_error(str(error))
        return error.exit_code
    if isinstance(error, typer.TyperException):
        print_error(_usage_error(error))
        return BAD_INPUT
    log = getattr(error, "log", None)
    cause = error.__cause__ or error
    details = "the traceback, which TUNER_DEBUG=1 shows" if log is None else f"the log {log}"
    print_error(f"{in_one_line(cause)} - internal error of tuner; please report it with {details}")
    return INTERNAL_ERROR


def _usage_error(error: typer.TyperException) -> str:
    option = str(getattr(error, "option_name", ""))
    field = option.lstrip("-").replace("-", "_")
    if field in StudySpec.model_fields:
        return f"no such option: {option} - write {field}=..."
    context = getattr(error, "ctx", None)
    command = "tuner" if context is None else context.command_path
    return f"{error.format_message().rstrip('.')} - see `{command} --help`"

"""What went wrong, as one line on stderr and an exit code: 2 for input to mend, 1 for all else, 130 after Ctrl-C.

A traceback is for those who ask for it by TUNER_DEBUG=1.
"""

from __future__ import annotations

import os
import traceback

import typer

from tuner.console.output import print_error
from tuner.errors import TunerError
from tuner.spec import StudySpec

BAD_INPUT, DEFECT, CANCELLED = 2, 1, 130


def tell(error: BaseException) -> int:
    """Say what went wrong; gives the exit code."""
    if os.environ.get("TUNER_DEBUG", "") not in ("", "0"):
        traceback.print_exception(error)
    if isinstance(error, (KeyboardInterrupt, typer.Abort)):
        return CANCELLED
    if isinstance(error, TunerError):
        print_error(str(error))
        return error.exit_code
    if isinstance(error, typer.TyperException):
        print_error(_usage(error))
        return BAD_INPUT
    log = getattr(error, "log", None)
    cause = error.__cause__ or error
    where = "" if log is None else f", the log is {log}"
    print_error(f"{type(cause).__name__}: {cause} - this is a defect of tuner{where}; TUNER_DEBUG=1 shows where")
    return DEFECT


def _usage(error: typer.TyperException) -> str:
    """What is wrong with the options, with the remedy."""
    option = str(getattr(error, "option_name", ""))
    field = option.lstrip("-").replace("-", "_")
    if field in StudySpec.model_fields:
        return f"no such option: {option} - write {field}=..."
    context = getattr(error, "ctx", None)
    command = "tuner" if context is None else context.command_path
    return f"{error.format_message().rstrip('.')} - see `{command} --help`"

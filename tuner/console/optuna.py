"""`tuner optuna`: writes a study into Optuna's tables, for optuna-dashboard."""

from __future__ import annotations

import shlex
import time

from rich.console import Console

from tuner.console.error_output import CANCELLED
from tuner.console.formatting import clean
from tuner.settings import Settings
from tuner.store import Store

LOOK_S = 1.0


def export_to_optuna(settings: Settings, name: str, out: Console, *, follow: bool) -> int:
    """Write a study into Optuna's tables and print the command that opens them; return the exit code.

    Args:
        follow: Whether to go on until the study has ended, or until Ctrl-C.

    Raises:
        FixInputError: there is no such study, or its search space cannot be read on this machine.
    """
    with Store.open(settings.store_url()) as store:
        store.study(name)  # before Optuna, which takes a second to import
        from tuner.study.optuna_export import OptunaExport

        with OptunaExport(store, name) as export:
            trials = export.write_new()
            out.print(f"study {name}: {trials:,} trials are in Optuna's tables; open them with:", markup=False)
            out.print(f"  {clean(dashboard_command(settings))}", markup=False, highlight=False, soft_wrap=True)
            try:
                while follow:
                    # Looked at first: whatever was written before the end is then read.
                    follow = not _has_ended(store, name)
                    export.write_new()
                    if follow:
                        time.sleep(LOOK_S)
            except KeyboardInterrupt:
                return CANCELLED
    return 0


def dashboard_command(settings: Settings) -> str:
    """Return the command that opens Optuna's tables; the address of a database may hold a password and is not shown."""
    address = "$TUNER_DATABASE_URL" if settings.database_url is not None else shlex.quote(settings.store_url())
    return f'optuna-dashboard "{address}"' if address.startswith("$") else f"optuna-dashboard {address}"


def _has_ended(store: Store, name: str) -> bool:
    return store.study(name).current_status not in ("created", "running")

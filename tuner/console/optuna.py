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

    With `follow`, it goes on until the study has ended, or until Ctrl-C.
    """
    with Store.open(settings.store_url(), create=False) as store:
        from tuner.study.optuna_export import OptunaExport

        with OptunaExport(store, name) as export:
            trials = export.write_new()
            out.print(f"study {name}: {trials:,} trials are in Optuna's tables; open them with:", markup=False)
            out.print(f"  {clean(dashboard_command(settings))}", markup=False, highlight=False, soft_wrap=True)
            try:
                while follow:
                    # Read before the events: then the last ones are written too.
                    follow = store.study(name).current_status in ("created", "running")
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

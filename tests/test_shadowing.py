"""Files of a user that hide a package are named."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tuner.shadowing import PACKAGES, hiding_files

ROOT = Path(__file__).parents[1]
LIBRARY = str(Path(os.__file__).parent)


def test_all_packages_that_the_code_imports_are_known() -> None:
    imported = set()
    for file in (ROOT / "tuner").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                imported.add(node.module.split(".")[0])
    others = {"tuner", "serve_app", "threadpoolctl", "boto3", "onnxruntime"}  # ours; a single file itself; optional
    assert imported - set(sys.stdlib_module_names) - others <= PACKAGES


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("numpy.py", "wave.py", "models.py", "test.py", "numpy.txt"):
        (tmp_path / name).write_text("1 / 0")
    (tmp_path / "keras").mkdir()
    (tmp_path / "keras" / "__init__.py").write_text("1 / 0")
    return tmp_path


def test_only_names_of_packages_that_are_not_imported_yet_are_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("keras", "wave"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setitem(sys.modules, "numpy", pytest)  # from elsewhere: the file does no harm in this process
    assert list(hiding_files([str(folder), LIBRARY])) == [folder / "keras", folder / "wave.py"]
    assert list(hiding_files(["/bin", str(folder), LIBRARY])) == [folder / "wave.py"], "PYTHONPATH may hold packages"
    assert list(hiding_files(["/bin", LIBRARY, str(folder)])) == []


@pytest.mark.parametrize("name", ["numpy", "random", "pydantic"])
def test_a_script_beside_such_a_file_ends_with_one_line_that_names_it(tmp_path: Path, name: str) -> None:
    (tmp_path / f"{name}.py").write_text("import os\n")
    (tmp_path / "script.py").write_text("import tuner\n")
    ran = subprocess.run([sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert ran.stderr.splitlines()[-1] == (
        f"ImportError: {tmp_path / name}.py hides the package '{name}', which tuner needs - rename that file"
    )


def test_the_command_is_not_affected_by_the_current_folder(tmp_path: Path) -> None:
    for name in ("tuner", "numpy", "random", "typer"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('the wrong module')\n")
    command = str(Path(sys.executable).parent / "tuner")
    ran = subprocess.run([command, "options"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")

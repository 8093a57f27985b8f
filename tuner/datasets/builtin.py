"""Data sets that need no file: scikit-learn's digits and the docstrings of Python's standard library."""

from __future__ import annotations

import ast
import functools
import sysconfig
from pathlib import Path

import numpy as np

from tuner.datasets.raw_samples import RawSamples
from tuner.errors import FixInputError

PACKAGES = ("asyncio", "email", "http", "importlib", "logging", "multiprocessing", "unittest", "xml")
"""Packages with well over 100 docstrings each in Python 3.11 to 3.13."""
_TESTS = {"test", "tests"}


def digits() -> RawSamples:
    """Return 1,797 scanned digits of 8 x 8 uint8 pixels; the 17 grey levels are scaled to 0 to 255."""
    from sklearn.datasets import load_digits

    bunch = load_digits()
    x = np.rint(bunch.images * (255 / 16)).astype(np.uint8)
    return RawSamples("digits", x, bunch.target)


def stdlib_docs() -> RawSamples:
    """Return about 1,900 docstrings of functions, classes and modules in PACKAGES; the class is the package.

    The texts come from the source files of the running Python, so they differ slightly between versions.
    """
    found = stdlib_texts()
    if len({package for _, package in found}) < 2:
        raise FixInputError(
            "this Python has no source files of its standard library", remedy="choose another data set, such as digits"
        )
    texts = np.empty(len(found), object)
    texts[:] = [text for text, _ in found]
    return RawSamples("stdlib_docs", texts, np.array([package for _, package in found], object))


@functools.cache
def stdlib_texts() -> tuple[tuple[str, str], ...]:
    """Return each distinct docstring with its package, ordered by package, file and position in the file.

    The sources are parsed, never imported or run. Missing packages are skipped. Takes about a second.
    """
    library = Path(sysconfig.get_path("stdlib"))
    package_of: dict[str, str] = {}
    for package in PACKAGES:
        for file in sorted((library / package).rglob("*.py")):
            if _TESTS.isdisjoint(file.relative_to(library).parts):
                for text in _docstrings(file):
                    package_of.setdefault(text, package)
    return tuple(package_of.items())


def _docstrings(file: Path) -> list[str]:
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = [node for node in ast.walk(ast.parse(file.read_bytes())) if isinstance(node, documented)]
    return [text for node in nodes if (text := ast.get_docstring(node))]

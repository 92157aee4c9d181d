"""Files and functions stay small enough to have one name, and carry no host, no secret, no sleep."""

import ast
import re

import pytest

from tests.house.repository import files, name

FILE_LINES_MAX = 300
FUNCTION_LINES_MAX = 50
# Split, so that this file does not name what it forbids.
REGISTRIES = [
    "registry\\.npm" + "js",
    "py" + "pi\\.org",
    "python" + "hosted",
    "repo[0-9]*\\.maven\\.ap" + "ache",
    "proxy\\.go" + "lang",
]
DEFAULT_PASSWORDS = [r"(?<!minio\.)minio" + r"admin\b", "change" + "me"]


@pytest.mark.parametrize("path", files(".py", ".ts", ".mjs"), ids=name)
def test_a_file_has_not_outgrown_its_name(path):
    assert len(path.read_text().splitlines()) <= FILE_LINES_MAX


@pytest.mark.parametrize("path", files(".py"), ids=name)
def test_no_function_has_outgrown_its_name(path):
    functions = [
        node
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    long = {
        each.name: size for each in functions if (size := (each.end_lineno or 0) - each.lineno) > FUNCTION_LINES_MAX
    }
    assert long == {}


@pytest.mark.parametrize("path", [path for path in files(".py") if "tests" not in name(path).split("/")], ids=name)
def test_a_module_says_in_its_first_line_what_it_is(path):
    docstring = ast.get_docstring(ast.parse(path.read_text()))
    assert docstring
    assert docstring.splitlines()[0].endswith(".")


def test_nothing_names_a_registrys_host_or_a_default_password():
    forbidden = re.compile("|".join(REGISTRIES + DEFAULT_PASSWORDS))
    found = [name(path) for path in files() if forbidden.search(path.read_text(errors="ignore"))]
    assert found == []


def test_no_secret_and_no_large_file_is_in_the_repository():
    assert [name(path) for path in files() if path.name == ".env" or path.stat().st_size > 500_000] == []


def test_tests_do_not_sleep_through_time():
    sleeping = re.compile(r"\btime\.sleep\(")
    polling = {"tests/deadline.py"}
    found = {
        name(path) for path in files(".py") if name(path).startswith("tests/") and sleeping.search(path.read_text())
    }
    assert found - polling - {name(path) for path in files(".py") if path.name == "test_code.py"} == set()

"""A wheel in an empty virtual environment serves the form: templates, rules and migrations are in it."""

import os
import re
import socket
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from zipfile import ZipFile

import pytest
import requests

from tests.compiled import is_compiled
from tests.install.pages import ROOT
from tests.waiting import eventually
from triage import assess

pytestmark = pytest.mark.slow

TEXT = "my friend says he is going to kill himself tonight"


def _run(*command: str | Path, folder: Path) -> str:
    """Output of ``command``, run where the repository is not; it fails with the command's own words."""
    clean = {
        key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "TIPLINE", "PIP"))
    }
    found = subprocess.run(
        command, cwd=folder, env=clean, capture_output=True, text=True, check=False, timeout=110
    )
    assert found.returncode == 0, found.stderr
    return found.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = ("-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index")
    _run(sys.executable, *build, "--wheel-dir", folder, ROOT, folder=folder)
    (made,) = folder.glob("tipline-*.whl")
    return made


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new environment with the wheel alone; what it depends on is borrowed from the tests' own."""
    home = tmp_path_factory.mktemp("opt") / "venv"
    venv.create(home, with_pip=False, symlinks=True)
    python = home / "bin" / "python"
    install = ("-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index", wheel)
    _run(sys.executable, *install, folder=home)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    borrowed = home / "lib" / version / "site-packages" / "borrowed.pth"
    borrowed.write_text(sysconfig.get_paths()["purelib"] + "\n", encoding="utf-8")
    return home


@pytest.fixture
def form(installed: Path, tmp_path: Path) -> Iterator[str]:
    """Address of the public process of a new demo, run from the wheel."""
    config, port = tmp_path / "demo" / "config.toml", _free_port()
    tipline = installed / "bin" / "tipline"
    _run(tipline, "init", "--demo", "--config", config, folder=tmp_path)
    command: list[str | Path] = [tipline, "public", "--config", config, "--port", str(port)]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=tmp_path, env={"PATH": os.defpath}, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    try:
        # Not /readyz: without a pager no page would leave, and it says so. The form is served all the same.
        eventually(lambda: _answers(f"{address}/healthz"), 40)
        yield address
    finally:
        process.terminate()
        process.wait(20)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _answers(address: str) -> bool:
    with suppress(requests.RequestException):
        return requests.get(address, timeout=2).ok
    return False


def test_the_wheel_holds_no_tests_and_no_data_of_ours(wheel: Path) -> None:
    names = ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names if not name.startswith("tipline-") and "__mypyc" not in name}
    assert tops == {"casework", "notify", "reporting", "templates", "triage", "vault", "wiring"}
    assert not [name for name in names if name.endswith((".db", ".pem"))]


def test_triage_in_the_wheel_is_compiled_where_it_is_here(wheel: Path) -> None:
    made = [name for name in ZipFile(wheel).namelist() if name.endswith(".so")]
    assert bool(made) == is_compiled()
    assert ("none-any" in wheel.name) == (not made)


def test_it_runs_from_the_environment_and_not_from_the_repository(installed: Path, tmp_path: Path) -> None:
    code = (
        "import reporting, triage, vault, wiring; print(reporting.__file__, triage.__file__, wiring.__file__)"
    )
    said = _run(installed / "bin" / "python", "-c", code, folder=tmp_path)
    assert said.split() == [path for path in said.split() if path.startswith(str(installed))]


def test_the_rules_are_in_it(installed: Path, tmp_path: Path) -> None:
    here = assess(TEXT)
    code = "import sys; from triage import assess; a = assess(sys.argv[1]); print(a.ruleset_hash, a.kinds)"
    said = _run(installed / "bin" / "python", "-c", code, TEXT, folder=tmp_path)
    assert here.kinds
    assert said.strip() == f"{here.ruleset_hash} {here.kinds}"


def test_it_serves_the_form_and_takes_a_message(form: str) -> None:
    page = requests.get(form, params={"lang": "es"}, timeout=10).text
    assert "988" in page
    assert 'lang="es"' in page
    nonce = re.search(r'name="nonce"[^>]*value="([^"]+)"', page)
    assert nonce
    fields = {"nonce": nonce[1], "school": "larkspur", "text": TEXT}
    answer = requests.post(form, data=fields, timeout=20)
    assert answer.status_code == 200
    assert "NOT received" not in answer.text

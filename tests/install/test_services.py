"""The files that put Tipline on a machine: systemd's own check, users that fit the secrets, safe proxies."""

import configparser
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from templates.languages import OFFERED
from templates.words import catalogue
from tests.install import pages
from wiring.cli import COMMANDS
from wiring.secrets import HOLDERS

PROCESSES = ("public", "staff", "pager", "watchman")
BINARIES = ("/opt/tipline/venv/bin/tipline", "/usr/local/sbin/tipline-backup")
PACKAGES = {
    "systemd-analyze": "systemd",
    "systemd-sysusers": "systemd",
    "nginx": "nginx",
    "openssl": "openssl",
    "caddy": "caddy",
    "nft": "nftables",
}
PROXIES = ("nginx/tipline.conf", "Caddyfile")


def _tool(name: str) -> str:
    """Where ``name`` is; without it the test is skipped, unless continuous integration means to have it."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")
    if found is None:
        recipe = pages.ROOT / ".ci" / "run"
        promised = recipe.is_file() and PACKAGES[name] in recipe.read_text(encoding="utf-8")
        assert not (os.environ.get("CI") == "true" and promised), f"{name} should be installed here"
        pytest.skip(f"{name} is not installed")
    return found


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def _unit(name: str) -> dict[str, str]:
    """The [Service] keys of a unit as systemd reads them: the last one; ``.d`` after the unit, by name."""
    merged: dict[str, str] = {}
    added = [
        path for folder in (name, "tipline-") for path in (pages.SYSTEMD / f"{folder}.service.d").glob("*")
    ]
    for path in (pages.SYSTEMD / f"{name}.service", *sorted(added, key=lambda path: path.name)):
        parser = configparser.RawConfigParser(strict=False, interpolation=None)
        parser.optionxform = str  # type: ignore[assignment,method-assign]
        parser.read(path, encoding="utf-8")
        merged |= parser["Service"]
    return merged


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """The service files as they would be installed, but for programs that are only on a real machine."""
    folder = tmp_path / "units"
    shutil.copytree(pages.SYSTEMD, folder)
    folder.joinpath("watchdog.conf").rename(folder / "tipline-.service.d" / "watchdog.conf")
    for path in folder.glob("*.service"):
        text = path.read_text(encoding="utf-8")
        for binary in BINARIES:
            text = text.replace(binary, sys.executable)
        path.write_text(text, encoding="utf-8")
    return folder


def _verify(folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("SYSTEMD_UNIT_PATH", f"{folder}:")
    names = [str(path) for path in sorted(folder.glob("*.*")) if path.is_file()]
    found = _run(_tool("systemd-analyze"), "verify", "--man=no", *names)
    return found.stderr + ("" if found.returncode == 0 else f"exit code {found.returncode}")


def test_systemd_accepts_every_file(units: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _verify(units, monkeypatch) == ""


def test_systemd_would_notice_a_mistake_in_the_common_part(
    units: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (units / "tipline-.service.d" / "common.conf").open("a", encoding="utf-8") as file:
        file.write("NoSuchKey=yes\n")
    assert "NoSuchKey" in _verify(units, monkeypatch)


@pytest.mark.parametrize("process", PROCESSES)
def test_systemd_finds_each_process_little_exposed(
    process: str, units: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The scale goes from 0 (shut in) to 100; a service that says nothing has 96."""
    monkeypatch.setenv("SYSTEMD_UNIT_PATH", f"{units}:")
    judge = (_tool("systemd-analyze"), "security", "--offline=yes", "--no-pager", "--threshold=20")
    found = _run(*judge, str(units / f"tipline-{process}.service"))
    assert found.returncode == 0, found.stdout[-200:] + found.stderr


@pytest.mark.parametrize("process", PROCESSES)
def test_each_process_has_a_service_that_never_gives_up(process: str) -> None:
    unit = _unit(f"tipline-{process}")
    assert unit["ExecStart"] == f"/opt/tipline/venv/bin/tipline {process}"
    assert process in COMMANDS
    assert unit["User"] == f"tipline-{process}"
    assert unit["Restart"] == "always"
    assert "StartLimitIntervalSec=0" in (pages.SYSTEMD / "tipline-.service.d" / "common.conf").read_text(
        "utf-8"
    )


@pytest.mark.parametrize("process", PROCESSES)
def test_each_process_is_shut_in(process: str) -> None:
    unit = _unit(f"tipline-{process}")
    expected = {
        "LimitCORE": "0",
        "MemorySwapMax": "0",
        "NoNewPrivileges": "yes",
        "ProtectSystem": "strict",
        "ProtectHome": "yes",
        "PrivateTmp": "yes",
        "CapabilityBoundingSet": "",
        "UMask": "0077",
    }
    assert {key: unit[key] for key in expected} == expected


def test_a_command_that_is_not_there_yet_is_said_to_be_missing() -> None:
    named = {
        name
        for path in pages.SYSTEMD.glob("tipline-*.service")
        for name in re.findall(r"^ExecStart=\S+/tipline (\w+)", path.read_text("utf-8"), re.MULTILINE)
    }
    assert {
        name for name in named - set(COMMANDS) if f"`tipline {name}`" not in pages.not_there_yet()
    } == set()


def test_a_frozen_process_is_restarted() -> None:
    """Each process reports to systemd (wiring.lifeline); the install puts the watchdog's file in place."""
    assert "watchdog.conf /etc/systemd/system/" in "".join(pages.fences(pages.INSTALL, "bash"))
    text = (pages.SYSTEMD / "watchdog.conf").read_text("utf-8")
    assert {"Type=notify", "WatchdogSec=10", "NotifyAccess=main"} <= set(text.splitlines())


def test_a_frozen_supervisor_is_killed_and_stops_its_children_itself_when_asked() -> None:
    """It beats under the same watchdog; a SIGTERM of systemd to all at once would break the order."""
    unit = _unit("tipline-serve")
    assert unit["ExecStart"].endswith("/tipline serve")
    assert (unit["KillMode"], unit["Restart"], unit["TimeoutStopSec"]) == ("mixed", "always", "30")
    assert unit["Environment"] == f"TIPLINE_CONFIG=/var/lib/{unit['User']}/config.toml"


def test_each_holder_of_secrets_owns_its_folder() -> None:
    lines = [line.split() for line in (pages.FOLDER / "tmpfiles.conf").read_text("utf-8").splitlines()]
    owners = {line[1]: line[3] for line in lines if line and line[0] == "Z"}
    processes = set(HOLDERS) - {"simulator"} | {"watchman"}  # who may have a way to the database of his own
    assert owners == {
        f"/var/lib/tipline/secrets/{process}": _unit(f"tipline-{process}")["User"] for process in processes
    }


def test_the_users_can_be_made(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    made = _run(_tool("systemd-sysusers"), f"--root={tmp_path}", str(pages.FOLDER / "sysusers.conf"))
    assert made.returncode == 0, made.stderr
    names = {line.split(":")[0] for line in (tmp_path / "etc" / "passwd").read_text("utf-8").splitlines()}
    assert {f"tipline-{process}" for process in PROCESSES} <= names
    assert "tipline:" in (tmp_path / "etc" / "group").read_text("utf-8")


def test_nginx_accepts_its_file(tmp_path: Path) -> None:
    nginx, openssl = _tool("nginx"), _tool("openssl")
    key, chain = str(tmp_path / "privkey.pem"), str(tmp_path / "fullchain.pem")
    subject = ("-subj", "/CN=tips.example.org", "-days", "2", "-keyout", key, "-out", chain)
    assert _run(openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", *subject).returncode == 0
    text = (pages.FOLDER / "nginx" / "tipline.conf").read_text("utf-8")
    here = tmp_path / "tipline.conf"
    here.write_text(text.replace("/etc/letsencrypt/live/tips.example.org", str(tmp_path)), encoding="utf-8")
    whole = tmp_path / "nginx.conf"
    whole.write_text(
        f"pid {tmp_path}/pid;\nerror_log stderr;\nevents {{}}\nhttp {{ include {here}; }}\n", encoding="utf-8"
    )
    found = _run(nginx, "-t", "-c", str(whole))
    assert found.returncode == 0, found.stderr


def test_caddy_accepts_its_file() -> None:
    command = (
        _tool("caddy"),
        "validate",
        "--adapter",
        "caddyfile",
        "--config",
        str(pages.FOLDER / "Caddyfile"),
    )
    found = _run(*command)
    assert found.returncode == 0, found.stderr


def test_the_firewall_accepts_its_file() -> None:
    found = _run(_tool("nft"), "--check", "--file", str(pages.FOLDER / "nftables.conf"))
    if "Operation not permitted" in found.stderr:
        pytest.skip("only root may check firewall rules")
    assert found.returncode == 0, found.stderr


def test_nginx_keeps_nothing_about_a_reporter() -> None:
    text = (pages.FOLDER / "nginx" / "tipline.conf").read_text("utf-8")
    servers = text.split("\nserver {")[1:]
    assert len(servers) == 5
    assert all("access_log off;" in server and "error_log /dev/null crit;" in server for server in servers)
    passing = [server for server in servers if "proxy_pass" in server]
    assert len(passing) == 2
    assert all("proxy_request_buffering off;" in server for server in passing)
    assert all("proxy_max_temp_file_size 0;" in server for server in passing)


@pytest.mark.parametrize("proxy", PROXIES)
def test_proxies_pass_no_address_of_a_reporter(proxy: str) -> None:
    """Only casework is told who calls, so that guessing is slowed where it comes from."""
    text = (pages.FOLDER / proxy).read_text("utf-8")
    told = [text.index(name) for name in ("$remote_addr", "{remote_host}") if name in text]
    assert [text.count("$remote_addr") + text.count("{remote_host}"), len(told)] == [1, 1]
    assert told[0] > max(text.index("127.0.0.1:8001"), text.index("127.0.0.1:8000"))
    assert "$proxy_add_x_forwarded_for" not in text
    assert proxy != "Caddyfile" or text.count("header_up -X-Forwarded-For") == 2


@pytest.mark.parametrize("name", ["line-text.xml", "call.xml"])
def test_the_fallback_names_who_is_awake(name: str) -> None:
    root = ET.fromstring((pages.FOLDER / "carrier" / name).read_text("utf-8"))  # noqa: S314 - our own file
    said = [re.sub(r"(?<=\d) (?=\d)", "", element.text or "") for element in root if element.tag != "Hangup"]
    assert root.tag == "Response"
    assert len(said) == 2
    assert all("911" in text and "988" in text for text in said)


def test_the_fallback_for_texts_never_says_received() -> None:
    root = ET.fromstring((pages.FOLDER / "carrier" / "line-text.xml").read_text("utf-8"))  # noqa: S314 - ours
    english, spanish = (element.text or "" for element in root)
    assert "NOT received" in english
    assert "NO fue recibido" in spanish
    assert max(len(english), len(spanish)) <= 160


def test_the_page_for_a_dead_server_stands_alone_and_says_not_received() -> None:
    page = (pages.FOLDER / "not-received.html").read_text("utf-8")
    assert "NOT received" in page
    assert "NO fue recibido" in page
    assert page.count('href="tel:911"') == page.count('href="tel:988"') == len(OFFERED)
    for one in (one for one in OFFERED.values() if not one.staffed):
        part = page.partition(f'<section lang="{one.tag}"')[2].partition("</section>")[0]
        assert f"<h1>{catalogue(one.code).gettext('NOT received')}</h1>" in part
        assert part.startswith(' dir="rtl"') == (one.direction == "rtl")
    assert not re.search(r"https?://|<script|<link|<img", page)


def test_the_nightly_script_makes_one_backup(tmp_path: Path) -> None:
    script, config, to = tmp_path / "backup.sh", tmp_path / "var" / "config.toml", tmp_path / "to"
    tipline = f"{sys.executable} -m wiring"
    text = (pages.FOLDER / "backup.sh").read_text("utf-8")
    script.write_text(text.replace("/opt/tipline/venv/bin/tipline", tipline), "utf-8")
    to.mkdir()
    assert _run(*tipline.split(), "init", "--demo", "--config", str(config)).returncode == 0
    done = _run("env", f"TIPLINE_CONFIG={config}", "/bin/sh", str(script), str(to))
    assert done.returncode == 0, done.stderr
    (made,) = to.iterdir()
    assert made.suffix == ".backup"

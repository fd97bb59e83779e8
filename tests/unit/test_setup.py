"""tools/setup.py: what it trusts, what it finds, what it says. Machines are made of shell scripts in a folder."""

import ast
import os
import shutil
import sys
from collections import namedtuple
from pathlib import Path

import pytest

from tools import setup
from tools.setup import Project, SetupError

SOURCE = Path(setup.__file__)
ANSWER = 'case "$1" in -c) echo cpython 3 {minor} {outside}; echo {path};; esac'
UV = """
echo "$@" >> "{log}"
case "$1" in
  --version) echo "uv {version}";;
  venv) for folder; do :; done; mkdir -p "$folder/bin"; touch "$folder/pyvenv.cfg"; cp "{python}" "$folder/bin/python";;
  pip) cat "{says}"; [ "$MULTIDICT_NO_EXTENSIONS" = 1 ] || exit 9; exit $(cat "{status}");;
  python) echo "error: dns error"; exit 2;;
esac
"""


def script(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def python(path: Path, minor: int = 12, outside: bool = True) -> Path:
    return script(path, ANSWER.format(minor=minor, outside=int(outside), path=path))


class Machine:
    """A machine with a checkout, a home, and a search path of its own."""

    def __init__(self, folder: Path) -> None:
        self.home, self.bin, self.log = folder / "home", folder / "bin", folder / "uv.log"
        self.says, self.status = folder / "says", folder / "status"
        self.project = Project(folder / "checkout")
        for path in (*self.project.locks, self.project.uv_lock):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"# {path.name}\n", encoding="utf-8")
        for name in ("tools/setup.py", "bot/lean/install.py"):
            (self.project.root / name).parent.mkdir(parents=True)
            shutil.copy(SOURCE.parents[1] / name, self.project.root / name)
        self.project.cache.mkdir()
        self.home.mkdir()
        self.bin.mkdir()
        self.sync(says="", status=0)

    def sync(self, says: str, status: int) -> None:
        """Decide what `uv pip sync` prints and how it ends."""
        self.says.write_text(says, encoding="utf-8")
        self.status.write_text(str(status), encoding="utf-8")

    def add_uv(self, folder: Path | None = None, version: str = "0.13.9") -> Path:
        real = python(self.bin / "python3.12")
        text = UV.format(log=self.log, version=version, python=real, says=self.says, status=self.status)
        return script((folder or self.bin) / "uv", text)

    def calls(self) -> list[str]:
        """Return what uv was asked since the last time, but for its version."""
        lines = self.log.read_text(encoding="utf-8").splitlines() if self.log.exists() else []
        self.log.unlink(missing_ok=True)
        return [line for line in lines if line != "--version"]


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine(tmp_path)
    monkeypatch.setenv("HOME", str(made.home))
    monkeypatch.delenv("PYENV_ROOT", raising=False)
    # ours first; the system's folders only for the shell's own tools
    monkeypatch.setenv("PATH", f"{made.bin}:/usr/bin:/bin")
    return made


# --- on what it runs ---


def test_it_can_be_read_by_python_3_8() -> None:
    ast.parse(SOURCE.read_text(encoding="utf-8"), feature_version=(3, 8))


def test_it_imports_the_standard_library_only() -> None:
    imported = set()
    for node in ast.walk(ast.parse(SOURCE.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add((node.module or "").partition(".")[0])
    assert imported <= sys.stdlib_module_names


# --- what it trusts ---


def test_a_second_run_does_nothing(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    machine.add_uv()
    setup.set_up(machine.project)
    assert [call.split()[0] for call in machine.calls()] == ["venv", "pip"]
    capsys.readouterr()
    setup.set_up(machine.project)
    assert machine.calls() == []
    assert "up to date" in capsys.readouterr().err


@pytest.mark.parametrize(
    "name", ["requirements/run.txt", "requirements/dev.txt", "tools/setup.py", "bot/lean/install.py"]
)
def test_a_changed_file_updates_the_environment_in_place(machine: Machine, name: str) -> None:
    machine.add_uv()
    setup.set_up(machine.project)
    machine.calls()
    with (machine.project.root / name).open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    assert not setup.is_up_to_date(machine.project)
    setup.set_up(machine.project)
    assert [call.split()[0] for call in machine.calls()] == ["pip"]
    assert setup.is_up_to_date(machine.project)


def test_the_locks_are_installed_with_their_hashes_into_our_environment(machine: Machine) -> None:
    machine.add_uv()
    setup.set_up(machine.project)
    sync = machine.calls()[-1]
    assert (
        sync == f"pip sync --python {machine.project.python} --require-hashes requirements/run.txt requirements/dev.txt"
    )


def test_an_environment_that_was_not_finished_is_made_anew(machine: Machine) -> None:
    machine.add_uv()
    machine.sync("error: dns error", 2)
    with pytest.raises(SetupError, match="could not be reached"):
        setup.set_up(machine.project)
    assert not setup.is_up_to_date(machine.project)
    leftover = machine.project.venv / "half-installed"
    leftover.touch()
    machine.calls()
    machine.sync("", 0)
    setup.set_up(machine.project)
    assert [call.split()[0] for call in machine.calls()] == ["venv", "pip"]
    assert not leftover.exists()
    assert setup.is_up_to_date(machine.project)


def test_an_environment_that_was_moved_is_made_anew(machine: Machine) -> None:
    machine.add_uv()
    setup.set_up(machine.project)
    moved = Project(machine.project.root.rename(machine.project.root.with_name("moved")))
    assert not setup.is_up_to_date(moved)
    assert setup.reason_to_start_afresh(moved) == "it was made in another place"


def test_an_environment_whose_python_is_gone_is_made_anew(machine: Machine) -> None:
    machine.add_uv()
    setup.set_up(machine.project)
    machine.project.python.unlink()
    assert not setup.is_up_to_date(machine.project)
    assert setup.reason_to_start_afresh(machine.project) == "it has no working Python 3.12"


def test_an_environment_that_someone_made_by_hand_is_kept_and_updated(machine: Machine) -> None:
    machine.add_uv()
    python(machine.project.python, outside=False)
    (machine.project.venv / "pyvenv.cfg").touch()
    setup.set_up(machine.project)
    assert [call.split()[0] for call in machine.calls()] == ["pip"]


def test_a_folder_that_is_no_environment_is_left_alone(machine: Machine) -> None:
    machine.add_uv()
    precious = machine.project.venv / "precious"
    precious.parent.mkdir()
    precious.touch()
    with pytest.raises(SetupError, match="Move it away"):
        setup.set_up(machine.project)
    assert precious.exists()


def test_a_missing_lock_is_named(machine: Machine) -> None:
    machine.add_uv()
    machine.project.locks[0].unlink()
    with pytest.raises(SetupError, match=r"requirements/run\.txt: No such file"):
        setup.set_up(machine.project)


def test_a_package_that_goes_is_named(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    machine.add_uv()
    machine.sync(" - en-core-web-sm==3.8.0\n - rich==14.0\n + rich==15.0\n", 0)
    setup.set_up(machine.project)
    said = capsys.readouterr().err
    assert "en-core-web-sm was removed" in said
    assert "rich was removed" not in said


# --- what it finds ---


def test_a_shim_that_fails_is_passed_over(machine: Machine, tmp_path: Path) -> None:
    shim = script(tmp_path / "shims" / "python3.12", "echo 'command not found' >&2; exit 127")
    real = python(tmp_path / "real" / "python3.12")
    assert setup.find_python(f"{shim.parent}:{tmp_path / 'nowhere'}:{real.parent}", machine.home) == str(real)


@pytest.mark.parametrize(("minor", "outside"), [(11, True), (13, True), (12, False)])
def test_another_version_or_a_virtual_environment_is_passed_over(
    machine: Machine, tmp_path: Path, minor: int, outside: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setup.sys, "executable", str(tmp_path / "nowhere"))
    other = python(tmp_path / "other" / "python3.12", minor, outside)
    assert setup.find_python(str(other.parent), machine.home) is None


def test_the_newest_python_of_pyenv_is_found(machine: Machine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(setup.sys, "executable", str(tmp_path / "nowhere"))
    versions = machine.home / ".pyenv" / "versions"
    made = {number: python(versions / number / "bin" / "python") for number in ("3.12.9", "3.12.10", "3.11.9")}
    assert setup.find_python("", machine.home) == str(made["3.12.10"])
    script(made["3.12.10"], "exit 1")
    assert setup.find_python("", machine.home) == str(made["3.12.9"])


def test_a_machine_without_python_3_12_and_without_network_is_told_what_to_install(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    uv = machine.add_uv()
    monkeypatch.setattr(setup, "find_python", lambda *_: None)
    with pytest.raises(SetupError, match=r"(?s)could not be reached.*install Python 3\.12 yourself"):
        setup.set_up(machine.project)
    assert machine.calls() == ["python install 3.12"]
    assert uv.exists()
    assert not machine.project.venv.exists()


@pytest.mark.parametrize("version", ["0.1.44", "0.4.30"])
def test_a_uv_that_is_too_old_is_passed_over(machine: Machine, version: str) -> None:
    machine.add_uv(version=version)
    newer = machine.add_uv(machine.home / ".local" / "bin")
    assert setup.find_uv(str(machine.bin), machine.home, machine.project) == str(newer)


def test_a_uv_that_fails_is_passed_over_for_the_one_we_fetched(machine: Machine) -> None:
    script(machine.bin / "uv", "exit 127")
    ours = machine.add_uv(machine.project.cache / "uv-env" / "bin")
    assert setup.find_uv(str(machine.bin), machine.home, machine.project) == str(ours)


# --- what it says ---


def test_a_full_disk_is_said_before_anything_is_done(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.add_uv()
    usage = namedtuple("usage", "total used free")  # as the standard library gives it
    monkeypatch.setattr(setup.shutil, "disk_usage", lambda _: usage(10 * 1024**3, 0, 1024**3))
    with pytest.raises(SetupError, match=r"needs 2\.0 GB of free disk, and 1\.0 GB are free"):
        setup.set_up(machine.project)
    assert machine.calls() == []
    assert not machine.project.venv.exists()


def test_a_python_without_venv_is_said_with_the_package_to_install(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setup.importlib.util, "find_spec", lambda name: None if name == "ensurepip" else name)
    with pytest.raises(SetupError, match=r"without the module ensurepip(?s:.*)python3-venv"):
        setup.fetch_uv(machine.project)


def test_a_uv_that_cannot_be_fetched_leaves_nothing_behind(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    pip = 'echo "ERROR: No matching distribution found for uv"; exit 1'
    inner = script(machine.bin / "inner", pip)
    outer = script(machine.bin / "outer", f'mkdir -p "$3/bin"; cp "{inner}" "$3/bin/python"')
    monkeypatch.setattr(setup.sys, "executable", str(outer))
    with pytest.raises(SetupError, match="does not have a package that the locks name"):
        setup.fetch_uv(machine.project)
    assert not (machine.project.cache / "uv-env").exists()


@pytest.mark.parametrize(
    ("output", "advice"),
    [
        ("error: Failed to fetch\n  Caused by: dns error", "could not be reached"),
        ("Temporary failure in name resolution\nERROR: No matching distribution found", "could not be reached"),
        ("Because rasa was not found in the package registry", "does not have a package"),
        ("Hash mismatch for `rich==15.0.0`", "not the one that the locks name"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE", "not the one that the locks name"),
        ("failed to write: No space left on device (os error 28)", "disk is full"),
        ("Permission denied (os error 13)", "may not write"),
    ],
)
def test_the_cause_of_a_failure_is_said(output: str, advice: str) -> None:
    assert advice in setup.explain(output)


def test_an_unknown_failure_gets_no_invented_cause() -> None:
    assert setup.explain("error: something else") == ""


@pytest.mark.timeout(20)
def test_an_installer_that_runs_on_is_ended_with_us(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(_self: object, _line: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(setup._Shown, "line", stop)
    slow = script(machine.bin / "slow", f'echo $$ > "{machine.log}"; echo begun; exec sleep 60')
    with pytest.raises(KeyboardInterrupt):
        setup._run([str(slow)], machine.project)
    with pytest.raises(ProcessLookupError):
        os.kill(int(machine.log.read_text(encoding="ascii")), 0)

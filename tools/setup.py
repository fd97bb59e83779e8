"""Make or update the environment in .venv: what `make setup` does.

    python3 tools/setup.py          make or update the environment
    python3 tools/setup.py --uv     print the path of uv, fetched first where the machine has none

Runs on any Python from 3.8 on with the standard library only, because that is all a bare machine has. Every package
comes from the hashed locks in requirements/. When nothing has changed since the last time, it says so and ends.
"""

from __future__ import annotations  # Python 3.8 reads this file

import argparse
import fcntl
import hashlib
import importlib.util
import os
import queue
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

WANTED = (3, 12)
OLDEST_UV = (0, 5)
NEW_BYTES = 2 * 1024**3  # a new environment: 1.3 GB, and what is unpacked on the way
UPDATE_BYTES = NEW_BYTES // 4
# the multidict that Rasa's server needs has no wheel for Python 3.12: built as plain Python, it needs no C compiler
NO_COMPILER = {"MULTIDICT_NO_EXTENSIONS": "1"}
SILENT_SECONDS = 15  # outside a terminal, a sign of life this often

# what stands in the output of uv and pip -> what to do about it; the first that fits is shown
_CAUSES = (
    (r"No space left on device|os error 28", "The disk is full: make room, then run this again."),
    (
        r"dns error|error sending request|failed to connect|Connection refused|timed? ?out|name resolution"
        r"|Failed to establish a new connection|Network is unreachable|network connectivity is disabled|ProxyError",
        "The package index could not be reached. Check the network (and the proxy, if there is one), then run this "
        "again.",
    ),
    (
        r"(?i)hash mismatch|do not match the hashes",
        "A package is not the one that the locks name. It was not installed; `make lock` makes the locks anew.",
    ),
    (
        r"not found in the (?:package registry|cache)|No matching distribution|Could not find a version|no version of",
        "The package index that this machine uses does not have a package that the locks name.",
    ),
    (r"Permission denied|os error 13", "This user may not write here: see to the folder's owner and permissions."),
)

_WHO_ARE_YOU = (
    "import sys; print(sys.implementation.name, sys.version_info[0], sys.version_info[1], "
    "int(sys.prefix == sys.base_prefix)); print(sys.executable)"
)


class SetupError(Exception):
    """The environment cannot be made; the message says why and what to do."""


@dataclass(frozen=True)
class Project:
    """Where things stand in a checkout."""

    root: Path

    @property
    def venv(self) -> Path:
        """The environment."""
        return self.root / ".venv"

    @property
    def python(self) -> Path:
        """The environment's interpreter."""
        return self.venv / "bin" / "python"

    @property
    def stamp(self) -> Path:
        """What the environment was made from, and where; written last."""
        return self.venv / ".setup-stamp"

    @property
    def unfinished(self) -> Path:
        """There while the environment is being changed: if it is found, nothing in the environment is trusted."""
        return self.cache / "setup-unfinished"

    @property
    def cache(self) -> Path:
        """What this program needs for itself."""
        return self.root / ".cache"

    @property
    def locks(self) -> tuple[Path, ...]:
        """The locks that make up the environment."""
        return tuple(self.root / "requirements" / name for name in ("run.txt", "dev.txt"))

    @property
    def uv_lock(self) -> Path:
        """The lock of uv itself."""
        return self.root / "requirements" / "uv.txt"


def say(text: str) -> None:
    """Write a line for the person, at once; on standard error, so that `--uv` has standard output to itself."""
    print(text, file=sys.stderr, flush=True)


# --- what the environment was made from ---


def fingerprint(project: Project) -> str:
    """Return the hash of all that decides what is in the environment; raises `SetupError` when a file is missing."""
    total = hashlib.sha256()
    for path in (*project.locks, project.root / "tools" / "setup.py", project.root / "bot" / "lean" / "install.py"):
        try:
            total.update(hashlib.sha256(path.read_bytes()).digest())
        except OSError as error:
            raise SetupError(f"{path.relative_to(project.root)}: {error.strerror}") from None
    return total.hexdigest()


def _stamp(project: Project) -> list[str]:
    # an environment holds its own path in many files: one that was moved or copied is of no use
    return [fingerprint(project), str(project.venv)]


def _written_stamp(project: Project) -> list[str]:
    try:
        return project.stamp.read_text(encoding="utf-8").splitlines()
    except OSError:
        return []


def is_up_to_date(project: Project) -> bool:
    """Return whether the environment is finished, stands where it was made, and is of the present locks."""
    return _written_stamp(project) == _stamp(project) and os.access(str(project.python), os.X_OK)


def reason_to_start_afresh(project: Project) -> str | None:
    """Return why the environment cannot be updated but has to be made anew; `None` when it can be updated."""
    if not project.venv.exists():
        return "there is none yet"
    if project.unfinished.exists():
        return "the last set-up did not come to its end"
    written = _written_stamp(project)
    if written and written[-1] != str(project.venv):
        return "it was made in another place"
    if not _answer_of(str(project.python)):
        return f"it has no working Python {_dotted(WANTED)}"
    return None


# --- the tools ---


def _dotted(version: Sequence[int]) -> str:
    return ".".join(map(str, version))


def _output_of(command: Sequence[str]) -> str:
    """Return what a quick command prints, or "" when it fails in any way."""
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode(errors="replace") if done.returncode == 0 else ""


def _answer_of(interpreter: str) -> tuple[str, bool] | None:
    """Return the real path of an interpreter and whether it stands outside virtual environments.

    `None` when it does not run (the shims of version managers are there but fail) or is not the wanted Python.
    """
    lines = _output_of([interpreter, "-c", _WHO_ARE_YOU]).splitlines()
    if len(lines) != 2 or lines[0].split()[:3] != ["cpython", *map(str, WANTED)]:
        return None
    return lines[1], lines[0].endswith("1")


def _candidates(search_path: str, home: Path) -> Iterator[str]:
    """Yield the places where an interpreter may be, the likeliest first."""
    if sys.version_info[:2] == WANTED:
        yield sys.executable
    for name in filter(None, search_path.split(os.pathsep)):
        yield str(Path(name) / f"python{_dotted(WANTED)}")
    versions = Path(os.environ.get("PYENV_ROOT") or home / ".pyenv") / "versions"
    by_number = sorted(versions.glob(f"{_dotted(WANTED)}*"), key=_numbers)
    for folder in reversed(by_number):
        yield str(folder / "bin" / "python")


def _numbers(folder: Path) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", folder.name)]


def find_python(search_path: str, home: Path) -> str | None:
    """Return the path of a Python 3.12 that really runs, or `None`."""
    for candidate in _candidates(search_path, home):
        # asked only if it is there: a process for every folder of the path would be slow
        answer = _answer_of(candidate) if Path(candidate).exists() else None
        if answer and answer[1]:
            return answer[0]
    return None


def find_uv(search_path: str, home: Path, project: Project) -> str | None:
    """Return the path of a uv that really runs and is not too old, or `None`."""
    folders = [Path(folder) for folder in search_path.split(os.pathsep) if folder]
    for folder in (*folders, home / ".local" / "bin", home / ".cargo" / "bin", project.cache / "uv-env" / "bin"):
        uv = folder / "uv"
        version = re.match(r"uv (\d+)\.(\d+)", _output_of([str(uv), "--version"]) if uv.exists() else "")
        if version and (int(version[1]), int(version[2])) >= OLDEST_UV:
            return str(uv)
    return None


def fetch_uv(project: Project) -> str:
    """Return the path of a uv of our own, installed by pip from its hashed lock into .cache/uv-env.

    Raises `SetupError`, and leaves nothing behind, when it cannot be installed.
    """
    missing = [name for name in ("venv", "ensurepip") if importlib.util.find_spec(name) is None]
    if missing:
        raise SetupError(
            f"This Python ({sys.executable}) comes without the module {' and '.join(missing)}.\n"
            "On Debian and Ubuntu: sudo apt-get install python3-venv. Or install uv. Then run this again."
        )
    home = project.cache / "uv-env"
    python = str(home / "bin" / "python")
    _remove(home)
    try:
        say("set-up: fetching uv, the installer, into .cache/uv-env")
        _run([sys.executable, "-m", "venv", str(home)], project)
        install = ["-m", "pip", "install", "--disable-pip-version-check", "--retries", "2", "--require-hashes"]
        _run([python, *install, "-r", str(project.uv_lock)], project)
    except BaseException:
        _remove(home)
        raise
    return str(home / "bin" / "uv")


def fetch_python(uv: str, project: Project) -> str:
    """Return the path of a Python 3.12 that uv has downloaded; raises `SetupError` with what to install instead."""
    version = _dotted(WANTED)
    say(f"set-up: this machine has no working Python {version}: asking uv to download one")
    try:
        _run([uv, "python", "install", version], project)
    except SetupError as error:
        raise SetupError(
            f"{error}\nPlease install Python {version} yourself (your system's package python{version}, or pyenv: "
            f"pyenv install {version}), so that `python{version} --version` works. Then run this again."
        ) from None
    found = _output_of([uv, "python", "find", "--python-preference", "only-managed", version]).strip()
    answer = _answer_of(found) if found else None
    if not answer:
        raise SetupError(f"uv has installed Python {version}, but it does not run. Please install it yourself.")
    return answer[0]


# --- doing it ---


def explain(output: str) -> str:
    """Return what to do about a command that failed with `output`; "" when that is not known."""
    return next((advice for pattern, advice in _CAUSES if re.search(pattern, output)), "")


class _Shown:
    """Shows a long step: the command's lines as they come, and the seconds while it is silent."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._start = self._last_sign = time.monotonic()

    def line(self, text: str) -> None:
        # the list of every package is for nobody; what is downloaded or built is
        if text.strip() and not re.match(r" [+~-] ", text):
            self._clear()
            say(f"    {text.rstrip()}")
            self._last_sign = time.monotonic()

    def silence(self) -> None:
        now = time.monotonic()
        if self._terminal:
            print(f"\r    … {now - self._start:.0f} s", end="", file=sys.stderr, flush=True)
        elif now - self._last_sign >= SILENT_SECONDS:
            say(f"    … {now - self._start:.0f} s")
            self._last_sign = now

    def end(self) -> None:
        self._clear()

    def _clear(self) -> None:
        if self._terminal:
            print("\r" + " " * 20 + "\r", end="", file=sys.stderr)


def _run(command: Sequence[str], project: Project) -> str:
    """Run a long command, showing what it does; return its output.

    Raises `SetupError` with the cause where it is known. The command never outlives this program.
    """
    try:
        child = subprocess.Popen(
            command,
            cwd=str(project.root),
            env={**os.environ, **NO_COMPILER},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
    except OSError as error:
        raise SetupError(f"{command[0]}: {error.strerror}") from None
    stream = child.stdout
    assert stream is not None
    lines: queue.Queue[str | None] = queue.Queue()

    def read() -> None:
        with stream:
            for line in stream:
                lines.put(line.decode(errors="replace"))
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    shown, output = _Shown(), []
    try:
        while True:
            try:
                line = lines.get(timeout=1)
            except queue.Empty:
                shown.silence()
                continue
            if line is None:
                break
            output.append(line)
            shown.line(line)
        status = child.wait()
    finally:
        shown.end()
        if child.poll() is None:
            child.terminate()
            child.wait()
    if status:
        name = " ".join([Path(command[0]).name, *command[1:3]])
        raise SetupError(f"`{name} …` failed (status {status}). {explain(''.join(output))}".rstrip())
    return "".join(output)


def check_space(project: Project, needed: int) -> None:
    """Raise `SetupError` when fewer than `needed` bytes are free where the environment stands."""
    free = shutil.disk_usage(str(project.root)).free
    if free < needed:
        raise SetupError(
            f"The environment needs {needed / 1024**3:.1f} GB of free disk, and {free / 1024**3:.1f} GB are free in "
            f"{project.root}. Make room, then run this again."
        )


def _remove(folder: Path) -> None:
    if folder.is_symlink():
        folder.unlink()
    elif folder.exists():
        shutil.rmtree(str(folder))


def _make_anew(project: Project, uv: str, python: str) -> None:
    _remove(project.venv)
    _run([uv, "venv", "--quiet", "--no-project", "--python", python, str(project.venv)], project)


def _fill(project: Project, uv: str) -> None:
    names = [str(lock.relative_to(project.root)) for lock in project.locks]
    say(f"set-up: installing the packages of {' and '.join(names)} (the first time, some hundred MB are downloaded)")
    output = _run([uv, "pip", "sync", "--python", str(project.python), "--require-hashes", *names], project)
    changes = {sign: set(re.findall(rf"^ {re.escape(sign)} ([\w.-]+)", output, re.MULTILINE)) for sign in "+-"}
    for name in sorted(changes["-"] - changes["+"]):
        say(f"set-up: {name} was removed: it is not in the locks")
    say("set-up: letting Rasa run without TensorFlow (bot/lean)")
    _run([str(project.python), "-m", "bot.lean.install"], project)


def set_up(project: Project) -> None:
    """Make or update the environment; does nothing when it is up to date. Raises `SetupError`."""
    if is_up_to_date(project):
        say("set-up: the environment in .venv is up to date")
        return
    afresh = reason_to_start_afresh(project)
    _check_ours(project)
    check_space(project, NEW_BYTES if afresh else UPDATE_BYTES)
    uv = _uv(project)
    python = afresh and (find_python(os.environ.get("PATH", ""), Path.home()) or fetch_python(uv, project))
    _forget(project.stamp)
    project.unfinished.touch()
    if python:
        say(f"set-up: making the environment in .venv with {python} ({afresh})")
        _make_anew(project, uv, python)
    else:
        say("set-up: updating the environment in .venv")
    _fill(project, uv)
    project.stamp.write_text("\n".join(_stamp(project)), encoding="utf-8")
    _forget(project.unfinished)
    say("set-up: done")


def _check_ours(project: Project) -> None:
    """Raise `SetupError` when something else than an environment stands in .venv: it is not ours to remove."""
    venv = project.venv
    if venv.exists() and not (venv / "pyvenv.cfg").exists() and not project.unfinished.exists():
        raise SetupError(f"{venv} is there, but it is not a Python environment. Move it away, then run this again.")


def _forget(path: Path) -> None:
    if path.exists():
        path.unlink()


def _uv(project: Project) -> str:
    return find_uv(os.environ.get("PATH", ""), Path.home(), project) or fetch_uv(project)


@contextmanager
def only_one(project: Project) -> Iterator[None]:
    """Hold off a second set-up of the same checkout until this one is over (`make run` beside `make test`)."""
    project.cache.mkdir(exist_ok=True)
    with (project.cache / "setup.lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            say("set-up: waiting for another set-up of this checkout to end")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit status: 0 when the environment is ready, 1 when it cannot be made, 130 when it was stopped."""
    parser = argparse.ArgumentParser(description="Make or update the environment in .venv.")
    parser.add_argument("--uv", action="store_true", help="print the path of uv, fetched first where there is none")
    project = Project(Path(__file__).resolve().parents[1])
    # without this, a plain `kill` would leave the installer at work behind our back
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        only_uv = parser.parse_args(arguments).uv
        with only_one(project):
            if only_uv:
                print(_uv(project))
            else:
                set_up(project)
    except SetupError as error:
        say(f"set-up: {error}")
        return 1
    except KeyboardInterrupt:
        say("\nset-up: stopped; the next run starts where it is safe to")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())

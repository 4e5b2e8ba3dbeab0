"""The command line: `serve`, `dial` and `text`."""

import argparse
import signal
import sys
from pathlib import Path
from typing import NoReturn

DIALLER = "0711000111"


def parse(arguments: list[str]) -> argparse.Namespace:
    """Read the command line."""
    from simulator import settings

    parser = argparse.ArgumentParser(prog="python -m simulator", description="A handset and a fake gateway.")
    commands = parser.add_subparsers(dest="command", required=True)
    settings.add_flags(commands.add_parser("serve", help="start the simulator"))
    dial = commands.add_parser("dial", help="dial a service code in the terminal")
    dial.add_argument("code", help="such as '*384*22262#'")
    dial.add_argument("--answers", help="what to key at each screen, comma-separated; then hang up")
    text = commands.add_parser("text", help="text a short code and print the replies")
    text.add_argument("to", help="such as 22262")
    text.add_argument("text", nargs="+", help="the message")
    text.add_argument("--wait", type=float, default=8.0, help="seconds to wait for replies")
    for handset in (dial, text):
        handset.add_argument("--from", dest="phone", default=DIALLER, help=f"your number ({DIALLER})")
        handset.add_argument("--simulator", default="", help="address of the running simulator")
    return parser.parse_args(arguments)


def serve(given: argparse.Namespace) -> int:
    """Run the simulator until it is told to stop."""
    from simulator.network import Network
    from simulator.server import Server
    from simulator.settings import read_settings

    settings = read_settings(given)
    try:
        server = Server(Network(settings), settings.port)
    except OSError as fault:
        print(f"The simulator cannot listen on port {settings.port}: {fault.strerror}", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, stop)
    try:
        announce(server.address, settings.address_file)
        server.serve_forever()
    except KeyboardInterrupt:
        return 0
    finally:
        if settings.address_file:
            settings.address_file.unlink(missing_ok=True)
    return 0


def announce(address: str, file: Path | None) -> None:
    """Say where the simulator listens."""
    if file:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(address)
    print(f"simulator {address}", flush=True)


def stop(signum: int, frame: object) -> NoReturn:
    """End as if interrupted."""
    raise KeyboardInterrupt


def dial(given: argparse.Namespace) -> int:
    """Dial in the terminal."""
    from simulator import terminal

    answers = terminal.typed() if given.answers is None else iter(given.answers.split(","))
    return terminal.dial(terminal.Line(terminal.find(given.simulator)), given.code, given.phone, answers)


def text(given: argparse.Namespace) -> int:
    """Send a text in the terminal."""
    from simulator import terminal

    line = terminal.Line(terminal.find(given.simulator))
    return terminal.text(line, given.to, " ".join(given.text), given.phone, given.wait)


COMMANDS = {"serve": serve, "dial": dial, "text": text}


def main(arguments: list[str]) -> int:
    """Run one command."""
    from simulator.terminal import Unreachable

    given = parse(arguments)
    try:
        return COMMANDS[given.command](given)
    except Unreachable as lost:
        print(lost, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

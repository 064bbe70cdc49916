"""Types two lines at a command's prompts, on a terminal of its own, and sees that none of it is shown.

    prompt.py [--status N] FIRST SECOND COMMAND…
"""

import os
import pty
import sys
import termios
import time

POLL = 0.01


def wait_until_hidden(terminal):
    """The prompt comes before the terminal stops to echo; nobody types as fast as this does."""
    while termios.tcgetattr(terminal)[3] & termios.ECHO:
        time.sleep(POLL)


def read(terminal):
    """What the command prints, until it has ended: Linux calls that an error of the terminal."""
    try:
        return os.read(terminal, 1024)
    except OSError:
        return b""


def main(arguments):
    status = 0
    if arguments[0] == "--status":
        status, arguments = int(arguments[1]), arguments[2:]
    answers, command = arguments[:2], arguments[2:]
    child, terminal = pty.fork()
    if child == 0:
        os.execv(command[0], command)
    shown = b""
    for prompt, answer in zip((b"Password: ", b"Again: "), answers):
        while prompt not in shown:
            more = read(terminal)
            if not more:
                sys.exit(f"no {prompt!r} in {shown!r}")
            shown += more
        wait_until_hidden(terminal)
        os.write(terminal, answer.encode() + b"\n")
    while more := read(terminal):
        shown += more
    ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if ended != status:
        sys.exit(f"exit status {ended}: {shown!r}")
    if any(answer.encode() in shown for answer in answers):
        sys.exit(f"the password is shown: {shown!r}")


main(sys.argv[1:])

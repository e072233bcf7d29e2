#!/usr/bin/env python3
"""A program that has a modem: at_client.py LINE < commands. Says each command to the line and prints what came until its result code.

Python's standard library alone; the line is any tty: a modem's, or the one of `trustferry card serve --at`.
"""
import os
import select
import sys
import termios
import tty

FINAL = (b"\r\nOK\r\n", b"\r\nERROR\r\n")


def answer(line):
    """Everything until the result code; ends the program after ten seconds without a word."""
    heard = b""
    while not heard.endswith(FINAL) and not (b"\r\n+CME ERROR:" in heard and heard.endswith(b"\r\n")):
        if not select.select([line], [], [], 10)[0]:
            sys.exit(f"no answer: {heard!r}")
        heard += os.read(line, 4096)
    return heard.decode("ascii")


def main():
    line = os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY)
    tty.setraw(line)
    termios.tcflush(line, termios.TCIFLUSH)
    for command in sys.stdin.read().splitlines():
        os.write(line, command.encode("ascii") + b"\r")
        print(" ".join(answer(line).split()), flush=True)


main()

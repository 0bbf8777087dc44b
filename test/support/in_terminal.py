"""Runs a command in a pseudo-terminal of a given width.

Usage: in_terminal.py COLUMNS INPUT COMMAND...
stdout has the output of the terminal; the exit code is that of the command. INPUT is typed at once. "^C" in it is
Ctrl-C; it is typed after the first output.
"""
import fcntl
import os
import pty
import struct
import sys
import termios

columns, typed, command = int(sys.argv[1]), sys.argv[2], sys.argv[3:]
pid, terminal = pty.fork()
if pid == 0:
    # The size must be known before the program starts.
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    os.execvp(command[0], command)
keys = typed.replace("^C", "\x03").encode()
if keys and b"\x03" not in keys:
    os.write(terminal, keys)
while True:
    try:
        data = os.read(terminal, 65536)
    except OSError:
        break
    if not data:
        break
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
    if b"\x03" in keys and data.strip():
        os.write(terminal, keys)
        keys = b""
_, status = os.waitpid(pid, 0)
sys.exit(os.waitstatus_to_exitcode(status) % 256)

"""Runs a command in a pseudo-terminal of a given width.

Usage: in_terminal.py COLUMNS INPUT COMMAND...
stdout has the output of the terminal; the exit code is that of the command. INPUT is typed at once. "^C" in it is
Ctrl-C; each one is typed after more output.
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
interrupts = typed.count("^C")
if typed and not interrupts:
    os.write(terminal, typed.encode())
while True:
    try:
        data = os.read(terminal, 65536)
    except OSError:
        break
    if not data:
        break
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
    if interrupts and data.replace(b"^C", b"").strip():
        os.write(terminal, b"\x03")
        interrupts -= 1
_, status = os.waitpid(pid, 0)
sys.exit(os.waitstatus_to_exitcode(status) % 256)

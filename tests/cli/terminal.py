"""Runs a command on a terminal of its own and prints what stood there, a line each time it changed.

    terminal.py COLUMNS [--press REGEX] [--narrow REGEX COLUMNS] COMMAND …

--press: Ctrl-C once a line matches; --narrow: the window is made narrower then. Ends with the command's
exit status, 128 + n after signal n; 99 where REGEX never came.
"""
import fcntl, os, pty, re, signal, struct, sys, termios

columns, press, narrow, command = int(sys.argv[1]), None, None, sys.argv[2:]
while command[0].startswith("--"):
    if command[0] == "--press":
        press, command = re.compile(command[1]), command[2:]
    else:
        narrow, narrower, command = re.compile(command[1]), int(command[2]), command[3:]


def size(fd, columns):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))


child, screen = pty.fork()
if child == 0:
    size(0, columns)
    os.execvp(command[0], command)
seen = b""
while True:
    try:
        some = os.read(screen, 65536)
    except OSError:
        break
    if not some:
        break
    seen += some
    text = seen.decode(errors="replace")
    if narrow and narrow.search(text):
        size(screen, narrower)
        narrow = None
    if press and press.search(text):
        os.write(screen, b"\x03")
        press = None
_, state = os.waitpid(child, 0)
last = None
for line in re.split(r"[\r\n]+", seen.decode(errors="replace")):
    line = re.sub(r"\x1b\[\d*[A-K]", "", line).replace("^C", "")
    if line and line != last:
        print(line)
    last = line
if press or narrow:
    print("terminal.py: what was waited for never came"), sys.exit(99)
code = os.waitstatus_to_exitcode(state)
sys.exit(code if code >= 0 else 128 - code)

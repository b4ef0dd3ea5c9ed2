"""A command in a terminal multiplexer of its own, as a person at a terminal has it.

What is typed arrives key by key: prodaccess refuses what comes faster than hands.
"""

import shlex
import subprocess
import tempfile
import time
import uuid


class TmuxSession:
    def __init__(self, argv, environment, folder, columns=100, rows=40):
        self.name = f"prodaccess-{uuid.uuid4().hex[:8]}"
        self.folder = tempfile.TemporaryDirectory(prefix="pa-tmux-")
        self.environment = environment
        # The shell outlives an interrupt, so that what it left can be seen.
        line = "trap : INT; " + " ".join(map(shlex.quote, argv)) + '; echo "[exit status $?]"; exec sleep 600'
        self._tmux("-f", "/dev/null", "new-session", "-d", "-x", str(columns), "-y", str(rows),
                   "-s", self.name, "-c", str(folder), "/bin/sh", "-c", line)

    def _tmux(self, *words):
        done = subprocess.run(["tmux", "-S", f"{self.folder.name}/socket", *words], check=True, text=True,
                              capture_output=True, env=self.environment, timeout=20)
        return done.stdout

    def screen(self):
        """All lines so far, those that have scrolled away included."""
        return self._tmux("capture-pane", "-p", "-J", "-S", "-500", "-t", self.name)

    def wait_for(self, condition, seconds=30):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = condition(self.screen())
            if found:
                return found
            time.sleep(0.05)
        raise AssertionError("this did not come up on the screen:\n" + self.screen())

    def type(self, text):
        for key in text:
            self._tmux("send-keys", "-t", self.name, "-l", key)
            time.sleep(0.15)
        self._tmux("send-keys", "-t", self.name, "Enter")

    def keys(self, *names):
        self._tmux("send-keys", "-t", self.name, *names)

    def paste(self, text):
        self._tmux("set-buffer", text)
        self._tmux("paste-buffer", "-p", "-t", self.name)

    def exit_status(self, seconds=30):
        marker = "[exit status "
        screen = self.wait_for(lambda text: text if marker in text else None, seconds)
        return int(screen.rsplit(marker, 1)[1].split("]", 1)[0])

    def close(self):
        subprocess.run(["tmux", "-S", f"{self.folder.name}/socket", "kill-server"], check=False,
                       capture_output=True, timeout=20)
        self.folder.cleanup()

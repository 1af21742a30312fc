"""Prints with the seconds since the start; scenes as numbered titles."""

import time


class Teller:
    def __init__(self) -> None:
        self._start_s = time.monotonic()
        self._scenes = 0

    def elapsed_s(self) -> float:
        return time.monotonic() - self._start_s

    def scene(self, title: str) -> None:
        self._scenes += 1
        print(f"\n{self._scenes}. {title}", flush=True)

    def say(self, text: str) -> None:
        print(f"[{self.elapsed_s():5.1f} s]  {text}", flush=True)

    def show(self, text: str) -> None:
        """Output of a program, indented."""
        print("".join(f"           {line}\n" for line in text.splitlines()), end="", flush=True)

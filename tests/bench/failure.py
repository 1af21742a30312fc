"""What keeps a scenario from being measured, in one sentence."""


class BenchError(Exception):
    pass

"""How fast the program is, beside plain SimPy, SimPy's kernel and other engines: ``python -m tests.benchmark``.

Nothing here is a test, and no test asserts a time: a time says as much about the machine as about the program. What
the figures rest on is tested in ``tests/test_benchmark.py``.
"""

"""The command line, and the flags that every scenario script takes."""

from sim.cli.main import answer_script, script

__all__ = ["answer_script", "script"]

"""How the command line reads its flags, and what domain code calls an argument in these."""

from __future__ import annotations

import argparse
import re
from dataclasses import replace
from typing import NoReturn

from sim.base.faults import Argument, Fault, InputError
from sim.base.visible import visible

OTHERWISE = {
    "at_least=False": ("at_most",),
    "bound": ("at_most", "at_least"),
    "measure": ("measures",),
    "most": ("replications",),
    "role": ("roles",),
}
"""Arguments that are the ``dest`` of no flag: the first of these that was given is meant, or else the last."""


class Parser(argparse.ArgumentParser):
    """Parser of flags. A terminal obeys nothing of what it says is wrong."""

    def error(self, message: str) -> NoReturn:
        """End with the usage and what is wrong."""
        super().error(visible(message, kept=""))


def in_flags(error: InputError, parser: argparse.ArgumentParser, given: argparse.Namespace) -> InputError:
    """The same faults, with the flags of a command where domain code names its arguments."""
    flags = {action.dest: action for action in parser._actions if action.option_strings}

    def flag_of(argument: str) -> argparse.Action | None:
        known = [name for name in (argument, *OTHERWISE.get(argument, ())) if name in flags]
        said = [name for name in known if getattr(given, name, None) is not None]
        return flags[(said or known[-1:])[0]] if known else None

    def written(match: re.Match[str]) -> str:
        action = flag_of(match[1]) or flag_of(match[1].partition("=")[0])
        return match[0] if action is None else action.option_strings[0]

    def in_flag(fault: Fault) -> Fault:
        said = replace(fault, allowed=re.sub(r"`(\w+(?:=True|=False)?)`", written, fault.allowed))
        action = flag_of(fault.where) if isinstance(fault.where, Argument) else None
        if action is None:
            return said
        shown = [action.metavar] if isinstance(action.metavar, str) else action.metavar or ()
        return replace(said, where=action.option_strings[0], key=fault.key or " ".join(shown))

    return InputError(map(in_flag, error.faults))

"""Reads flags, and names the flag wherever a fault names a function's argument."""

from __future__ import annotations

import argparse
import re
from dataclasses import replace
from typing import NoReturn

from sim.base.faults import Argument, Fault, InputError
from sim.base.visible import visible

NUMBERS = {"int": "give a whole number", "float": "give a number"}
"""What a flag needs, by the type of its value."""
OTHERWISE = {
    "at_least=False": ("at_most",),
    "bound": ("at_most", "at_least"),
    "measure": ("measures",),
    "most": ("replications",),
    "role": ("roles",),
}
"""Arguments with no flag of that name: a fault names the first of these flags that was given, or else the last."""


class Parser(argparse.ArgumentParser):
    """Reads flags; reports a wrong number like any other fault, and removes control characters from its messages."""

    def error(self, message: str) -> NoReturn:
        """Report a value that is not a number as a fault, and any other error in argparse's own words."""
        found = re.fullmatch(r"argument (\S+): invalid (int|float) value: '(.*)'", message)
        if found is None:
            super().error(visible(message, kept=""))
        flag, kind, value = found.groups()
        metavar = next((action.metavar for action in self._actions if flag in action.option_strings), None)
        shown = [metavar] if isinstance(metavar, str) else metavar or ()
        raise InputError([Fault(flag, " ".join(shown), value, NUMBERS[kind])])


def in_flags(error: InputError, parser: argparse.ArgumentParser, given: argparse.Namespace) -> InputError:
    """Return the same faults, with the command's flags in place of the names of arguments."""
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

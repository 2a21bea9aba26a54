"""Holds what every other package may use: faults, the calendar, random numbers, built-in files, and number formats."""

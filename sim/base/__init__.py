"""What every other package may use: faults, the calendar, randomness, files that ship, how figures are written."""

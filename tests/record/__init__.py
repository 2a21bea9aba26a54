"""Generate the record, `sim/docs/record.md`, from a template, the code and the data."""

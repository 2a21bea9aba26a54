"""Re-exports dates and the working calendar, from :mod:`sim.base.calendar`."""

from sim.base.calendar import APRIL, Calendar, financial_year

__all__ = ["APRIL", "Calendar", "financial_year"]

"""Re-exports the counts of inspectors on site by week, from :mod:`sim.analysis.peaks`."""

from sim.analysis.peaks import (
    AFTER_CLOSED,
    FIGURES,
    OnSite,
    busiest,
    by_place,
    by_week,
    figures,
    inspections_on_site,
    on_site,
    share_above,
)

__all__ = [
    "AFTER_CLOSED",
    "FIGURES",
    "OnSite",
    "busiest",
    "by_place",
    "by_week",
    "figures",
    "inspections_on_site",
    "on_site",
    "share_above",
]

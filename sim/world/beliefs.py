"""Estimates an authority's quality between inspections, from what the inspectorate's visits have seen.

The estimate is the filter of a hidden Markov chain. Belief drifts at the rates of quality. Each contact multiplies it
by how likely each grade makes what was seen. The filter uses the scenario's own rates, not those that a run draws.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.inputs.ratings import Ratings, seen_given
from sim.world.entities import AuthorityState, Visit

Belief = NDArray[np.float64]
"""Probability of each grade of true quality, best first."""


class Risk:
    """Estimate the probability that each authority has declined below its published judgement.

    Parameters
    ----------
    ratings : Ratings
        Rates of drift and accuracy of judgement, as the scenario states them.
    """

    def __init__(self, ratings: Ratings) -> None:
        self._ratings = ratings
        self._grades = ratings.scale
        self._known: dict[str, tuple[int, Belief]] = {}

    def belief(self, authority: AuthorityState, day: int) -> Belief:
        """Return the belief in each grade on a day, from everything seen by then."""
        if authority.name not in self._known:
            mix_on = authority.day_of(self._ratings.mix_on)
            if authority.first_judgement is None:
                since, weights = mix_on, self._ratings.mix_after(0)
            else:
                since, judgement = authority.first_judgement
                weights = self._ratings.weights_given(judgement, since - mix_on)
            self._known[authority.name] = since, _normed(np.array(weights))
        seen, belief = self._known[authority.name]
        return self._ratings.drifted(belief, max(0, day - seen))

    def hand_over(self, gone: AuthorityState, new: AuthorityState) -> None:
        """Pass the belief about an abolished authority on to the one that replaces it."""
        if gone.name in self._known:
            self._known[new.name] = self._known[gone.name]

    def learn(self, visit: Visit) -> None:
        """Update the belief with what a visit has seen on its last day on site."""
        assert visit.fieldwork_end is not None
        before = self.belief(visit.authority, visit.fieldwork_end)
        if visit.judgement_after is not None:
            likely = [self._ratings.judging[true].get(visit.judgement_after, 0.0) for true in self._grades.names]
        elif visit.seen is not None and visit.rules.accuracy is not None:
            seen, grades = self._grades.place[visit.seen], self._grades
            likely = [seen_given(grade, visit.rules.accuracy, seen, grades) for grade in range(len(grades))]
        else:
            return
        after = before * np.array(likely)
        self._known[visit.authority.name] = visit.fieldwork_end, _normed(after) if after.any() else before

    def of(self, authority: AuthorityState, day: int) -> float:
        """Return the probability that quality is below the published judgement on a day."""
        return float(self.belief(authority, day)[authority.grade + 1 :].sum())


def _normed(weights: Belief) -> Belief:
    return np.asarray(weights / weights.sum(), dtype=np.float64)

"""Fits drift of true quality and accuracy of judgement to a history of inspections.

Quality is hidden: a judgement is a reading of it that may err by a grade. The likelihood of an authority's history is
that of a hidden Markov chain in continuous time. The forward filter computes it, with ``scipy.linalg.expm`` from one
inspection to the next. So the fit does not mistake an erring judgement for drift. Parameters are uncertain: a fit is a
sample of their posterior. ``docs/drift_and_judgement.md`` explains the choices.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from sim.base.calendar import DAYS_A_YEAR
from sim.inputs.grades import SHIPPED, Grades
from sim.inputs.history import History, Inspection
from sim.statistics.sampling import Effort, Sample, sample

Array = NDArray[np.float64]
TREND_FROM = datetime.date(2018, 1, 1)
"""Day on which a trend of the rates is zero."""


@dataclass(frozen=True)
class Prior:
    """Hold what is assumed about the parameters before any inspection is seen.

    Attributes
    ----------
    rate_shape, rate_mean : float
        Gamma distribution of each rate of a move to the next grade, in moves a year. The default mean is one move in
        five years, with the weight of about two observed moves. Without it, a grade that nobody was seen to leave would
        last for ever.
    recovery_mean : float
        Mean rate of the move out of the worst grade, which replaces ``rate_mean`` there. The default is one move in two
        years, because inadequate authorities were promised re-inspection within two years (2016, medium confidence).
    far_mean : float
        Mean of each rate of a move over several grades at once, in moves a year.
    error : tuple of float
        Beta distribution of the probability that a judgement errs. The default has mean 0.15, and half of it lies
        between 0.09 and 0.20.
    trend_deviation : float
        Standard deviation of the yearly trend of the logarithm of the rates, around zero.
    """

    rate_shape: float = 2.0
    rate_mean: float = 0.2
    recovery_mean: float = 0.5
    far_mean: float = 0.05
    error: tuple[float, float] = (3.0, 17.0)
    trend_deviation: float = 0.1

    def mean_of(self, grade: int, to: int, worst: int) -> float:
        """Return the mean rate of a move, in moves a year, given the position of the worst grade."""
        if abs(to - grade) > 1:
            return self.far_mean
        return self.recovery_mean if grade == worst else self.rate_mean


PRIOR = Prior()
PRIORS: Mapping[str, Prior] = {
    "rates half as high": Prior(rate_mean=0.1, recovery_mean=0.25),
    "rates twice as high": Prior(rate_mean=0.4, recovery_mean=1.0),
    "rates worth four moves": Prior(rate_shape=4.0),
    "recovery as other moves": Prior(recovery_mean=0.2),
    "errors half as likely": Prior(error=(1.5, 18.5)),
    "errors twice as likely": Prior(error=(6.0, 14.0)),
}
"""Other priors, to test how much a fit depends on the one assumed."""
EFFORT = Effort()


@dataclass(frozen=True)
class Form:
    """Describe the form of a model of drift and judgement.

    Attributes
    ----------
    name : str
        Name of the form.
    free : bool
        Whether quality may move to any grade at once, or only to the next one.
    erring : bool
        Whether a judgement may err by a grade; otherwise it is always right.
    trend : bool
        Whether rates of improvement grow and those of decline shrink by the same share each year.
    grades : Grades
        Grades of the judgements.
    """

    name: str
    free: bool = False
    erring: bool = True
    trend: bool = False
    grades: Grades = SHIPPED

    @property
    def worst(self) -> int:
        """Return the position of the worst grade."""
        return len(self.grades) - 1

    @property
    def moves(self) -> tuple[tuple[int, int], ...]:
        """Return the moves that have a rate, as the grades before and after."""
        count = len(self.grades)
        if self.free:
            return tuple((grade, to) for grade in range(count) for to in range(count) if to != grade)
        return tuple((grade, to) for grade in range(count) for to in self.grades.beside(grade))

    @property
    def size(self) -> int:
        """Return the number of parameters: rates, all but the last share of the mix, error, trend."""
        return len(self.moves) + self.worst + self.erring + self.trend


CHOSEN = Form("next grade, erring")
FORMS = (
    CHOSEN,
    Form("next grade, perfect", erring=False),
    Form("any grade, erring", free=True),
    Form("any grade, perfect", free=True, erring=False),
    Form("next grade, erring, trend", trend=True),
    Form("next grade, perfect, trend", erring=False, trend=True),
)
"""Models to compare; the draws of the first one ship."""


@dataclass(frozen=True)
class Parameters:
    """Hold parameter values, one row for each draw.

    Attributes
    ----------
    rates : ndarray, shape (draws, moves)
        Moves a year, in the order of the form's ``moves``.
    mix : ndarray, shape (draws, grades)
        Probability of each grade of true quality at an authority's first inspection.
    error : ndarray, shape (draws,)
        Probability that a judgement errs.
    trend : ndarray, shape (draws,)
        Yearly change of the logarithm of the rates of improvement. Rates of decline change by the opposite.
    """

    rates: Array
    mix: Array
    error: Array
    trend: Array


def unpack(vectors: Array, form: Form) -> Parameters:
    """Turn unconstrained vectors, shape (draws, size), into parameters.

    A vector holds, in order: logarithms of the rates, log ratios of the mix to its last share, log odds of an error,
    trend.
    """
    from scipy.special import expit, softmax

    count = len(form.moves)
    ratios = np.pad(vectors[:, count : count + form.worst], ((0, 0), (0, 1)))
    rest = vectors[:, count + form.worst :]
    nought = np.zeros(len(vectors))
    return Parameters(
        np.exp(vectors[:, :count]),
        softmax(ratios, axis=1),
        expit(rest[:, 0]) if form.erring else nought,
        rest[:, -1] if form.trend else nought,
    )


def judging(error: Array, grades: Grades) -> Array:
    """Build confusion matrices, shape (draws, true quality, judgement), in which an error falls on a neighbouring
    grade.

    Both neighbours are equally likely. The best and the worst grade have only one.
    """
    wrong = np.zeros((len(grades), len(grades)))
    for grade in range(len(grades)):
        wrong[grade, grades.beside(grade)] = 1 / len(grades.beside(grade))
    return np.asarray(np.eye(len(grades)) * (1 - error)[:, None, None] + wrong * error[:, None, None])


def generators(rates: Array, form: Form) -> Array:
    """Build generators of the chain, shape (..., grades, grades), from rates, shape (..., moves); rows add up to 0."""
    matrices = np.zeros((*rates.shape[:-1], len(form.grades), len(form.grades)))
    for place, (grade, to) in enumerate(form.moves):
        matrices[..., grade, to] = rates[..., place]
        matrices[..., grade, grade] -= rates[..., place]
    return matrices


def one_thread() -> threadpool_limits:
    """Limit products of small matrices to one thread: more threads would only wait for one another."""
    import scipy.linalg  # noqa: F401 - its threads are limited too, so it has to be there

    return threadpool_limits(limits=1)


def transitions(parameters: Parameters, form: Form, years: Array, middle: Array) -> Array:
    """Compute the probability of each grade after some years, shape (draws, gaps, grades, grades).

    Parameters
    ----------
    parameters : Parameters
        The draws.
    form : Form
        Form of the draws.
    years, middle : ndarray, shape (gaps,)
        Length of each gap, and its middle in years from ``TREND_FROM``. A trend is treated as constant within a gap.
    """
    from scipy.linalg import expm

    if not form.trend:
        return _powers(generators(parameters.rates, form), np.rint(years * DAYS_A_YEAR).astype(np.int64))
    better = np.array([-1.0 if to > grade else 1.0 for grade, to in form.moves])
    rates = parameters.rates[:, None, :] * np.exp(parameters.trend[:, None, None] * middle[None, :, None] * better)
    return np.asarray(expm(generators(rates, form) * years[None, :, None, None]))


def _powers(generator: Array, days: NDArray[np.int64]) -> Array:
    """Compute transition matrices after whole numbers of days, shape (draws, gaps, grades, grades).

    Only the matrix exponentials for 1, 2, 4, ... days are computed. A gap is the product of those that make it up. This
    takes a tenth of the work of a matrix exponential for each gap.
    """
    from scipy.linalg import expm

    grades = generator.shape[-1]
    matrices = np.broadcast_to(np.eye(grades), (len(generator), len(days), grades, grades)).copy()
    for bit in range(int(days.max(initial=0)).bit_length()):
        with_it = (days >> bit) & 1 == 1
        power = np.asarray(expm(generator * (2**bit / DAYS_A_YEAR)))
        matrices[:, with_it] = matrices[:, with_it] @ power[:, None]
    return matrices


@dataclass(frozen=True)
class Sequences:
    """Hold a history as padded arrays: a row for each authority, a column for each of its inspections.

    Attributes
    ----------
    grades : ndarray of int, shape (authorities, most inspections)
        Judgement, counted from 0, the best; -1 where there is none.
    gap : ndarray of int, same shape
        Index in ``years`` and ``middle`` of the gap before each inspection; -1 before the first.
    years, middle : ndarray, shape (gaps,)
        As for :func:`transitions`.
    """

    grades: NDArray[np.int64]
    gap: NDArray[np.int64]
    years: Array
    middle: Array

    @classmethod
    def of(cls, history: History) -> Sequences:
        """Build the arrays of a history."""
        across = max((len(ones) for ones in history.of_authority.values()), default=0)
        grades = np.full((len(history.of_authority), across), -1, dtype=np.int64)
        gap = np.full_like(grades, -1)
        years: list[float] = []
        middle: list[float] = []
        for down, ones in enumerate(history.of_authority.values()):
            for place, one in enumerate(ones):
                grades[down, place] = history.grades.place[one.judgement]
                if place:
                    gap[down, place] = len(years)
                    length, centre = _gap(ones[place - 1].inspected_on, one.inspected_on)
                    years.append(length)
                    middle.append(centre)
        return cls(grades, gap, np.array(years), np.array(middle))


def _gap(first: datetime.date, last: datetime.date) -> tuple[float, float]:
    days = (last - first).days
    return days / DAYS_A_YEAR, ((first - TREND_FROM).days + days / 2) / DAYS_A_YEAR


def filtered(parameters: Parameters, form: Form, sequences: Sequences) -> tuple[Array, Array]:
    """Run the forward filter over every authority's inspections.

    Returns
    -------
    log_likelihood : ndarray, shape (draws,)
        Log likelihood of all judgements.
    quality : ndarray, shape (draws, authorities, grades)
        Probability of each grade of true quality at the last inspection, given all judgements.
    """
    confusion = judging(parameters.error, form.grades)
    moves = transitions(parameters, form, sequences.years, sequences.middle) if len(sequences.years) else None
    quality = np.repeat(parameters.mix[:, None, :], len(sequences.grades), axis=1)
    total = np.zeros(len(parameters.error))
    for place in range(sequences.grades.shape[1]):
        there = sequences.grades[:, place] >= 0
        here = quality[:, there]
        if place and moves is not None:
            here = np.einsum("dag,dagh->dah", here, moves[:, sequences.gap[there, place]])
        joint = here * np.swapaxes(confusion, 1, 2)[:, sequences.grades[there, place]]
        seen = np.maximum(joint.sum(axis=2), np.finfo(float).tiny)
        total += np.log(seen).sum(axis=1)
        quality[:, there] = joint / seen[..., None]
    return total, quality


def log_prior(vectors: Array, form: Form, prior: Prior) -> Array:
    """Compute the log density of the prior in the unconstrained parameters, up to a constant; the mix is uniform."""
    from scipy.special import log_softmax

    parameters = unpack(vectors, form)
    count = len(form.moves)
    means = np.array([prior.mean_of(*move, form.worst) for move in form.moves])
    density = np.sum(prior.rate_shape * (vectors[:, :count] - parameters.rates / means), axis=1)
    density += np.sum(log_softmax(np.pad(vectors[:, count : count + form.worst], ((0, 0), (0, 1))), axis=1), axis=1)
    if form.erring:
        odds = vectors[:, count + form.worst]
        a, b = prior.error
        density += -a * np.logaddexp(0, -odds) - b * np.logaddexp(0, odds)
    if form.trend:
        density += -0.5 * (vectors[:, -1] / prior.trend_deviation) ** 2
    return np.asarray(density)


def prior_quantiles(form: Form, prior: Prior, levels: Sequence[float]) -> dict[tuple[int, int] | str, Array]:
    """Compute prior quantiles of each rate (by move), of ``"error"``, and of one share of the ``"mix"``."""
    from scipy.special import betaincinv, gammaincinv

    found: dict[tuple[int, int] | str, Array] = {
        move: np.asarray(gammaincinv(prior.rate_shape, levels) * prior.mean_of(*move, form.worst) / prior.rate_shape)
        for move in form.moves
    }
    found["error"] = np.asarray(betaincinv(*prior.error, levels))
    found["mix"] = np.asarray(betaincinv(1, form.worst, levels))
    return found


@dataclass(frozen=True)
class Fit:
    """Hold the posterior of a form's parameters, given a history.

    Attributes
    ----------
    form : Form
        Form that was fitted.
    sample : Sample
        Draws from the posterior, in the unconstrained parameters.
    log_likelihood : float
        Log likelihood at the mode.
    """

    form: Form
    sample: Sample
    log_likelihood: float

    @property
    def parameters(self) -> Parameters:
        """Return the draws as parameters."""
        return unpack(self.sample.draws, self.form)


def fit(history: History, form: Form = CHOSEN, prior: Prior = PRIOR, *, effort: Effort = EFFORT, seed: int = 0) -> Fit:
    """Fit drift and accuracy to a history, in its own grades; the same seed gives the same draws."""
    form = replace(form, grades=history.grades)
    sequences = Sequences.of(history)

    def log_posterior(vectors: Array) -> Array:
        return filtered(unpack(vectors, form), form, sequences)[0] + log_prior(vectors, form, prior)

    with one_thread():
        found = sample(log_posterior, _start(form, prior), effort, np.random.default_rng([seed, form.size]))
        likelihood = filtered(unpack(found.mode[None], form), form, sequences)[0]
    return Fit(form, found, float(likelihood[0]))


def _start(form: Form, prior: Prior) -> Array:
    means = [prior.mean_of(*move, form.worst) for move in form.moves]
    a, b = prior.error
    return np.array([*np.log(means), *[0.0] * form.worst, *[np.log(a / b)] * form.erring, *[0.0] * form.trend])


def predict(fitted: Fit, histories: Sequence[Sequence[Inspection]], days: Sequence[datetime.date]) -> Array:
    """Predict the probability of each judgement at an authority's next inspection, averaged over the draws of a fit.

    Parameters
    ----------
    fitted : Fit
        The fit.
    histories : sequence of sequences of Inspection
        Known inspections of each authority, in order and not empty.
    days : sequence of datetime.date
        Day of each authority's next inspection.

    Returns
    -------
    ndarray, shape (authorities, grades)
    """
    parameters, form = fitted.parameters, fitted.form
    numbered = {str(number): tuple(ones) for number, ones in enumerate(histories)}
    gaps = [_gap(ones[-1].inspected_on, day) for ones, day in zip(histories, days, strict=True)]
    with one_thread():
        _, quality = filtered(parameters, form, Sequences.of(History(numbered, form.grades)))
        moves = transitions(parameters, form, *(np.array(part) for part in zip(*gaps, strict=True)))
    quality = np.einsum("dag,dagh->dah", quality, moves)
    return np.asarray(np.einsum("dag,dgh->dah", quality, judging(parameters.error, form.grades)).mean(axis=0))

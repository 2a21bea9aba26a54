"""Can the inspectorate deliver the new framework from the position at its launch, with the people it has?

Question
    Ten years of the framework of January 2018, amended in September 2018, for 152 authorities with the judgements
    they had: how much work falls due, how much is done, how much of it on time, and how old do judgements get?

Method
    Each run simulates authorities whose true quality drifts, and inspectors with diaries who are matched with the
    visits that are due, week by week. Figures are means over runs, with the range of eight runs in ten.

What the answer leaves out
    The pause of the pandemic; changes of the framework after 2018; uncertainty of parameters other than drift and
    judgement, above all of the number of inspectors, which is not published; work on children's homes and schools,
    other than as time taken.
"""

import sys

from sim.cli import script

if __name__ == "__main__":
    sys.exit(script("ilacs_launch", __doc__))

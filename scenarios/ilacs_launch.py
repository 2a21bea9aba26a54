"""Can the inspectorate deliver the new framework from the position at its launch, with the people it has?

Question
    ILACS (inspecting local authority children's services) is the framework of January 2018, amended in September 2018.
    We run ten years of it for 152 authorities with the judgements that they had. How much work falls due, how much is
    done, how much of it on time, and how old do judgements get?

Method
    Each run simulates authorities whose true quality drifts, and inspectors with diaries. Week by week, it matches
    inspectors with the visits that are due. Figures are means over runs, with the range of eight runs in ten.

What the answer leaves out
    The answer leaves out the pause of the pandemic and changes to the framework after 2018. It also leaves out
    uncertainty about other parameters than those that are drawn, above all the number of inspectors, which is not
    published. Work on children's homes and schools counts only as time taken.
"""

import sys

from sim.cli import script

if __name__ == "__main__":
    sys.exit(script("ilacs_launch", __doc__))

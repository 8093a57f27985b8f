"""Which devices a trial gets and how it uses them, decided by arithmetic: knows neither TensorFlow nor Ray.

Two questions, asked in two places. Whoever places a trial asks `decide`: how many CPUs and GPUs, or what share of
one. Whoever trains it, there or on a machine of its own, asks `settle`: on how many of the devices it sees, in which
precision, compiled how. Both answer with their reasons, which the trial's record keeps. Whether a study is to leave a
place to another one says `gives_way`.
"""

from tuner.devices.breakeven import Load, Measured, Rates
from tuner.devices.choice import Allocation, decide, twice_the_share
from tuner.devices.fairness import Bundle, Claim, gives_way, most_at_once
from tuner.devices.ledger import Ledger
from tuner.devices.room import Gpu, Node, Room
from tuner.devices.scaling import Scaled, scaled
from tuner.devices.settling import Settings, settle
from tuner.devices.sharing import MOST_SHARING

__all__ = [
    "MOST_SHARING",
    "Allocation",
    "Bundle",
    "Claim",
    "Gpu",
    "Ledger",
    "Load",
    "Measured",
    "Node",
    "Rates",
    "Room",
    "Scaled",
    "Settings",
    "decide",
    "gives_way",
    "most_at_once",
    "scaled",
    "settle",
    "twice_the_share",
]

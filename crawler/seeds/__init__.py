"""What a person says about a seed: its one definition, and one check for each part of it.

The site, the command line and fixtures pass what was written to :func:`check`, and get it back tidied, with a
sentence for each part that cannot be used. The policy that a run freezes is derived from the definition
(:meth:`SeedSpec.policy`).
"""

from crawler.seeds.definition import Problem, check, check_field_lines
from crawler.seeds.spec import LINES, CatchUp, Overlap, Schedule, SeedSpec, lines, spec_of

__all__ = [
    "LINES",
    "CatchUp",
    "Overlap",
    "Problem",
    "Schedule",
    "SeedSpec",
    "check",
    "check_field_lines",
    "lines",
    "spec_of",
]

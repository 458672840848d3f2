"""Repair: rules for what a collection's rules no longer find, each with its proof.

A site changes its design, and most values stay. So the last good values of a page are looked for in its new
version, wherever a rule could read them: elements, labels, columns, data in scripts, JSON-LD, microdata, meta
elements. What reads most of them, on all pages that are known, is proposed first. Pure; bounded in time.
"""

from crawler.reading.repair.candidate import Candidate, Proof, Seen
from crawler.reading.repair.propose import Repair, propose, repair

__all__ = ["Candidate", "Proof", "Repair", "Seen", "propose", "repair"]

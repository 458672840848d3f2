"""What reads the texts of servers and people is given anything: it answers, or says ValueError, and soon.

:mod:`tests.fuzz.promises` says for each reader what always holds. Hypothesis tries some hundred inputs in the
suite, and many more with ``./crawlbeat test tests/fuzz --hypothesis-profile=long`` (some ten minutes).
Atheris, which follows the branches of our code, is not in the development lock; CONTRIBUTING.md says how to
use it.
"""

"""What is content of a document and what is noise: a version is made when its content has changed.

Pure, as all of :mod:`crawler.reading`. The entries are :func:`compile_noise` for what people or learning
leave out, :func:`content_signature` for a document and :func:`values_signature` for what rules read from it.
"""

from crawler.reading.content.noise import (
    MAX_NOISE,
    NO_NOISE,
    BadNoise,
    Noise,
    check_noise_line,
    compile_noise,
    css_line,
)
from crawler.reading.content.signatures import content_signature, text_without_noise, values_signature

__all__ = [
    "MAX_NOISE",
    "NO_NOISE",
    "BadNoise",
    "Noise",
    "check_noise_line",
    "compile_noise",
    "content_signature",
    "css_line",
    "text_without_noise",
    "values_signature",
]

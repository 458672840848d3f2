"""What commands say of a name that they cannot find."""

from __future__ import annotations

import pytest

from console.checks import seed_named
from embedded.errors import UsageError
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("tea house", "--seed: there is no seed 'tea house'; did you mean 'Tea house'?"),
        ("Tee house", "--seed: there is no seed 'Tee house'; did you mean 'Tea house'?"),
        ("coffee", "--seed: there is no seed 'coffee'"),
    ],
)
def test_a_name_that_is_misspelt_is_guessed(name: str, sentence: str) -> None:
    seed = factories.make_seed("Tea house")
    assert seed_named("Tea house") == seed
    with pytest.raises(UsageError) as raised:
        seed_named(name)
    assert str(raised.value) == sentence

"""The entry: two versions of a page without the noise of their seed, as it is known now."""

from __future__ import annotations

from catalog.models import NoiseBlock, Seed, Snapshot
from crawler.reading.content import BadNoise, compile_noise, css_line
from crawler.rules.keys import Keys
from pipelines.archive import ArchiveError
from pipelines.comparing.child import compare_in_child
from pipelines.comparing.order import Body, Order, WithoutNoise
from pipelines.parse.stored import StoredBodies


def difference_without_noise(before: int, after: int) -> WithoutNoise:
    """How two versions, by their ids, differ without noise. What is not kept is said in its ``problem``."""
    version = Snapshot.objects.select_related("page__seed").filter(pk=after).first()
    if version is None:
        return WithoutNoise(problem="This version is not kept any more.")
    stored = StoredBodies([before, after])
    try:
        read = [stored.read(pk) for pk in (before, after)]
    except ArchiveError as error:
        return WithoutNoise(problem=f"The stored page is not there: {error}.")
    bodies = [Body(body=each.body, content_type=each.content_type) for each in read]
    noise = noise_of(version.page.seed, version.page.url)
    return compare_in_child(Order(before=bodies[0], after=bodies[1], noise=noise))


def noise_of(seed: Seed, url: str) -> list[str]:
    """The lines of a seed, and those that were learned of pages like this one; only what can be used."""
    policy = seed.policy()
    lines = list(policy.noise)
    if policy.learn_noise:
        template = next(iter(Keys.of(policy).templates(url)))
        blocks = NoiseBlock.objects.filter(seed=seed, template=template, state=NoiseBlock.State.LEFT_OUT)
        lines += map(css_line, blocks.order_by("pk").values_list("selector", flat=True))
    return [line for line in lines if _usable(line)]


def _usable(line: str) -> bool:
    try:
        compile_noise([line])
    except BadNoise:
        return False
    return True

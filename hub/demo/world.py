"""
Build the demo world, stage by stage. Each stage is done once: what was cut short goes on.

The stages that only write rows leave their mark in the trail, in their own transaction; a
dataset is done when it is published.
"""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from hub.audit.actions import record
from hub.audit.queries import events
from hub.demo import asking, catalogue, population, settling
from hub.demo.population import PUPILS
from hub.people.permissions import HUB

Tell = Callable[[str], None]


def build(*, at: datetime, tell: Tell, size: int = PUPILS) -> None:
    """
    Build what is not there yet, telling of each stage.

    :param size: how many pupils to draw
    """
    if _is_done("ready"):
        tell("The demo world is there.")
        return
    _once("people", lambda: settling.settle_people(at=at), at)
    everyone = settling.people(at=at)
    _once("charters", lambda: settling.settle_charters(everyone=everyone, at=at), at)
    tell(f"People and charters are settled; {size} pupils are drawn.")
    pupils = population.draw(population.schools(catalogue.DATA / catalogue.SCHOOLS), size=size)
    datasets = {}
    for one in settling.read("datasets.toml")["dataset"]:
        datasets[one["slug"]] = catalogue.publish_one(
            one, by=everyone[catalogue.EDITORS[one["producer"]]], pupils=pupils, at=at
        )
        tell(f"Published: {one['title']}")
    _once("words", lambda: asking.load_words(everyone=everyone, pupils=pupils, at=at), at)
    tell("Oppositions and consents are loaded.")
    _once("requests", lambda: asking.ask(everyone=everyone, datasets=datasets, at=at), at)
    tell("Five requests are made: three granted, one waiting, one refused.")
    for name in ("chercheuse", "autre-chercheur"):
        asking.extract(by=everyone[name], at=at)
    tell(
        "Two extracts are ready, one of them crosses two datasets; the publisher's node makes the third."
    )
    _once("ready", lambda: None, at)


def _is_done(stage: str) -> bool:
    return events(subject=f"demo:{stage}").exists()


def _once(stage: str, work: Callable[[], object], at: datetime) -> None:
    if _is_done(stage):
        return
    with transaction.atomic():
        work()
        record(kind="demo.stage", by=HUB, subject=f"demo:{stage}", at=at)

"""When the datasets of a request may be joined. Pure."""

from collections.abc import Iterator, Sequence

from access.requests.facts import AskedDataset, Facts, Taking
from catalog.datasets.states import CrossingRule
from catalog.vocabularies.levels import Tier
from hub.kernel.refusals import Refusal


def may_be_crossed(facts: Facts, _taking: Taking) -> Iterator[Refusal]:
    """Cross only what names the same persons, for a reason, where every producer lets it be."""
    if not facts.crossing:
        return
    if not facts.crossing_reason.strip():
        yield Refusal(
            "missing-crossing_reason",
            "The request does not say why the datasets are crossed.",
            "Say which question cannot be answered on each of them alone.",
            about="crossing_reason",
        )
    if len(facts.datasets) < 2:
        yield Refusal(
            "crossing-alone",
            "Crossing joins at least two different datasets.",
            "Add a dataset to the request, or give the crossing up.",
            about="crossing",
        )
    persons = {asked.persons for asked in facts.datasets}
    if "" in persons or len(persons) > 1:
        yield Refusal(
            "crossing-persons",
            "The datasets do not name the same kind of persons: nothing links their rows.",
            "Choose datasets whose rows name persons by the same national identifier.",
            about="crossing",
        )
    for asked in facts.datasets:
        yield from _crossing_against(asked, facts.datasets)


def _crossing_against(asked: AskedDataset, every: Sequence[AskedDataset]) -> Iterator[Refusal]:
    if asked.at_node:
        yield Refusal(
            "crossing-at-node",
            "The rows of “%(dataset)s” stay at its producer's: the hub cannot cross them.",
            "Ask for it in a request of its own.",
            values={"dataset": asked.title},
            about="crossing",
        )
    if asked.tier is Tier.RESULTS:
        yield Refusal(
            "crossing-results",
            "Only results leave of “%(dataset)s”: its rows are crossed with none.",
            "Take it out of the request, or give the crossing up.",
            values={"dataset": asked.title},
            about="crossing",
        )
    if asked.crossing_rule is CrossingRule.FORBIDDEN:
        yield Refusal(
            "crossing-forbidden",
            "The producer of “%(dataset)s” lets it be crossed with nothing.",
            "Take it out of the request, or give the crossing up.",
            values={"dataset": asked.title},
            about="crossing",
        )
    if asked.crossing_rule is not CrossingRule.LISTED:
        return
    for other in every:
        if other is not asked and other.dataset_id not in asked.crossing_with:
            yield Refusal(
                "crossing-not-listed",
                "The producer of “%(dataset)s” does not list “%(other)s” among what it may be"
                " crossed with.",
                "Look at its conditions in the catalogue, or write to its contact.",
                values={"dataset": asked.title, "other": other.title},
                about="crossing",
            )

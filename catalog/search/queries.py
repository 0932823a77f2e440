"""Find published datasets: by French words without minding accents, and by facets."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import BooleanField, Count, F, FloatField, Func, QuerySet
from django.db.models.expressions import RawSQL

from catalog.datasets.queries import published
from catalog.datasets.wording import KINDS, TIERS
from catalog.vocabularies.levels import Tier
from catalog.vocabularies.themes import Theme
from hub.people.models import Organisation
from hub.people.permissions import Kind

SMALL_WORDS = frozenset(["les", "aux", "des", "une", "de", "du", "la", "le", "the", "of"])
"""Words that say nothing, some of which PostgreSQL's French dictionary keeps."""
LONGEST = 200
_MATCHES = "catalog_dataset.search @@ websearch_to_tsquery('public.hub_fr', %s)"
_RANK = "ts_rank(catalog_dataset.search, websearch_to_tsquery('public.hub_fr', %s))"


@dataclass(frozen=True, slots=True)
class Search:
    """What a reader looks for; empty means anything."""

    words: str = ""
    kind: str = ""
    producer: str = ""
    tier: str = ""
    theme: str = ""

    @classmethod
    def asked(cls, parameters: Mapping[str, str]) -> "Search":
        """Return what the parameters of an address ask for."""
        return cls(
            words=parameters.get("q", "").replace("\x00", "")[:LONGEST].strip(),
            kind=parameters.get("kind", ""),
            producer=parameters.get("producer", ""),
            tier=parameters.get("tier", ""),
            theme=parameters.get("theme", ""),
        )

    @property
    def is_narrowed(self) -> bool:
        """Tell whether anything is asked for."""
        return self != Search()


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a facet, and how many datasets it would leave."""

    value: str
    label: str
    count: int
    chosen: bool


def found(search: Search) -> "QuerySet[Any]":
    """Return the published datasets that are looked for, best first, else newest first."""
    narrowed = _narrowed(search)
    words = _telling(search.words)
    if not words:
        return narrowed.order_by("-published_at", "-id")
    # Our own constant text; the words travel as a parameter.
    rank = RawSQL(_RANK, (words,), output_field=FloatField())  # noqa: S611
    ranked: QuerySet[Any] = narrowed.annotate(rank=rank)
    return ranked.order_by("-rank", "-id")


def _narrowed(search: Search) -> "QuerySet[Any]":
    datasets: QuerySet[Any] = published()
    words = _telling(search.words)
    if words:
        matches = RawSQL(_MATCHES, (words,), output_field=BooleanField())  # noqa: S611
        datasets = datasets.filter(matches)
    if search.kind:
        datasets = datasets.filter(producer__kind=search.kind)
    if search.producer:
        datasets = datasets.filter(producer__slug=search.producer)
    if search.tier:
        datasets = datasets.filter(current_tier=search.tier)
    if search.theme:
        datasets = datasets.filter(themes__contains=[search.theme])
    return datasets


def _telling(words: str) -> str:
    """Leave out the small words, unless nothing else is asked."""
    kept = [word for word in words.split() if word.lower() not in SMALL_WORDS]
    return " ".join(kept) or words


def facets(search: Search) -> dict[str, list[Choice]]:
    """Return the facets with their counts, each as if nothing were chosen in it."""
    return {
        "kind": _choices(
            _counts(replace(search, kind=""), "producer__kind"),
            {str(kind): label for kind, label in KINDS.items()},
            search.kind,
        ),
        "producer": _choices(
            _counts(replace(search, producer=""), "producer__slug"),
            dict(Organisation.objects.values_list("slug", "name")),
            search.producer,
        ),
        "tier": _choices(
            _counts(replace(search, tier=""), "current_tier"),
            {str(tier): label for tier, label in TIERS.items()},
            search.tier,
        ),
        "theme": _choices(
            _counts(replace(search, theme=""), Func(F("themes"), function="unnest")),
            dict(Theme.choices()),
            search.theme,
        ),
    }


def _counts(search: Search, what: Any) -> dict[str, int]:
    narrowed = _narrowed(search).order_by()
    expression = F(what) if isinstance(what, str) else what
    rows = narrowed.annotate(facet=expression).values("facet").annotate(number=Count("pk"))
    return {row["facet"]: row["number"] for row in rows}


def _choices(counts: Mapping[str, int], labels: Mapping[str, str], chosen: str) -> list[Choice]:
    return [
        Choice(value, label, counts.get(value, 0), value == chosen)
        for value, label in labels.items()
        if counts.get(value) or value == chosen
    ]


@dataclass(frozen=True, slots=True)
class ProducerCard:
    """A producer, and how much it publishes."""

    organisation: Organisation
    kind: str
    datasets: int


def producers() -> list[ProducerCard]:
    """Return the organisations that publish something, by name."""
    counts = _counts(Search(), "producer__slug")
    found_ones = Organisation.objects.filter(slug__in=counts).order_by("name")
    return [ProducerCard(one, KINDS[Kind(one.kind)], counts[one.slug]) for one in found_ones]


def totals() -> dict[str, int]:
    """Return the figures of the catalogue: datasets, open ones, producers."""
    tiers = _counts(Search(), "current_tier")
    return {
        "datasets": sum(tiers.values()),
        "open": tiers.get(Tier.OPEN, 0),
        "producers": len(_counts(Search(), "producer__slug")),
    }

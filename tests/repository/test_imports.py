"""What the contracts cannot say: the models of a slice belong to that slice alone."""

import grimp
import pytest

GRAPH = grimp.build_graph("hub", "catalog", "access")
SLICE_MODELS = sorted(
    name
    for name in GRAPH.modules
    if name.startswith(("catalog.", "access."))
    and name.count(".") == 2
    and name.endswith(".models")
)


@pytest.mark.parametrize("models", SLICE_MODELS)
def test_models_of_a_slice_are_imported_by_that_slice_only(models: str) -> None:
    app, slice_, _ = models.split(".")
    importers = GRAPH.find_modules_that_directly_import(models)

    strangers = {name for name in importers if not name.startswith(f"{app}.{slice_}.")}

    assert strangers <= {f"{app}.models"}

"""Purposes for which education data may be asked."""

from catalog.vocabularies.labelled import Labelled


class Purpose(Labelled):
    """A purpose, after those of the Data Privacy Vocabulary (DPV) where it has one."""

    RESEARCH = "research", "Scientific research"
    PUBLIC_STATISTICS = "public_statistics", "Public statistics"
    EVALUATION = "evaluation", "Evaluation of a public policy"
    STEERING = "steering", "Steering of a service or a territory"
    PEDAGOGY = "pedagogy", "Pedagogy and support of pupils"
    SERVICE_IMPROVEMENT = "service_improvement", "Improvement of a digital service"
    PUBLIC_INFORMATION = "public_information", "Information of the public"
    TRAINING_MODELS = "training_models", "Training or evaluation of models"

    @property
    def dpv(self) -> str:
        """Return the address of the nearest DPV purpose."""
        return "https://w3id.org/dpv#" + _DPV[self]


_DPV = {
    Purpose.RESEARCH: "AcademicResearch",
    Purpose.PUBLIC_STATISTICS: "NonCommercialResearch",
    Purpose.EVALUATION: "NonCommercialResearch",
    Purpose.STEERING: "OrganisationGovernance",
    Purpose.PEDAGOGY: "ServiceProvision",
    Purpose.SERVICE_IMPROVEMENT: "ServiceOptimisation",
    Purpose.PUBLIC_INFORMATION: "PublicBenefit",
    Purpose.TRAINING_MODELS: "ResearchAndDevelopment",
}

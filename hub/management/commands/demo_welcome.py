"""``manage.py demo_welcome``: who to sign in as, and what to try."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from hub.demo.settling import DOMAIN, PASSWORD, read

TRY = (
    ("datasets", "chercher, lire une fiche, télécharger des données ouvertes"),
    ("account/", "jeton personnel pour l'API, choisir en quelle qualité agir"),
    ("grants", "(chercheuse) un extrait prêt : progrès, sommes de contrôle, téléchargement"),
    ("my/nodes", "(editeur) le nœud de l'éditeur : ses traces ne quittent pas sa salle serveur"),
    ("grants", "(autre-chercheur) l'extrait que ce nœud fabrique"),
    ("admin/", "(departement) ce qui attend une décision, page d'examen"),
    ("admin/trail/", "(dpd) le journal, et sa vérification"),
    ("transparency", "le registre public de qui utilise quoi"),
)


class Command(BaseCommand):
    """Welcome whoever started the demo."""

    help = "Print who to sign in as in the demo world, and what to try."

    def handle(self, *args: Any, **options: Any) -> None:
        base = settings.HUB_BASE_URL
        lines = ["", f"Sign in at {base}/accounts/login/ with the password  {PASSWORD}", ""]
        lines += [
            f"  {one['address'] + '@' + DOMAIN:32} {one['says']}"
            for one in read("people.toml")["person"]
        ]
        lines += ["", "Try:", *(f"  {base}/{path:14} {what}" for path, what in TRY), ""]
        self.stdout.write("\n".join(lines))
        self.stdout.flush()

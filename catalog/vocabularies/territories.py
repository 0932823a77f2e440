"""
Territories of French education: départements, académies, régions académiques, INSEE regions.

Codes are text. Sources: the COG of INSEE for départements and regions; the list of académies of
the ministry (Caen and Rouen merged into Normandie, code 70, in 2020).
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

ACADEMIES: Mapping[str, str] = MappingProxyType(
    {
        "01": "Paris", "02": "Aix-Marseille", "03": "Besançon", "04": "Bordeaux",
        "06": "Clermont-Ferrand", "07": "Dijon", "08": "Grenoble", "09": "Lille", "10": "Lyon",
        "11": "Montpellier", "12": "Nancy-Metz", "13": "Poitiers", "14": "Rennes",
        "15": "Strasbourg", "16": "Toulouse", "17": "Nantes", "18": "Orléans-Tours",
        "19": "Reims", "20": "Amiens", "22": "Limoges", "23": "Nice", "24": "Créteil",
        "25": "Versailles", "27": "Corse", "28": "La Réunion", "31": "Martinique",
        "32": "Guadeloupe", "33": "Guyane", "43": "Mayotte", "70": "Normandie",
    }
)  # fmt: skip

REGIONS_ACADEMIQUES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "Auvergne-Rhône-Alpes": ("06", "08", "10"),
        "Bourgogne-Franche-Comté": ("03", "07"),
        "Bretagne": ("14",),
        "Centre-Val de Loire": ("18",),
        "Corse": ("27",),
        "Grand Est": ("12", "15", "19"),
        "Guadeloupe": ("32",),
        "Guyane": ("33",),
        "Hauts-de-France": ("09", "20"),
        "Île-de-France": ("01", "24", "25"),
        "La Réunion": ("28",),
        "Martinique": ("31",),
        "Mayotte": ("43",),
        "Normandie": ("70",),
        "Nouvelle-Aquitaine": ("04", "13", "22"),
        "Occitanie": ("11", "16"),
        "Pays de la Loire": ("17",),
        "Provence-Alpes-Côte d'Azur": ("02", "23"),
    }
)
"""Name of each région académique, with the codes of its académies."""

INSEE_REGIONS: Mapping[str, str] = MappingProxyType(
    {
        "01": "Guadeloupe", "02": "Martinique", "03": "Guyane", "04": "La Réunion",
        "06": "Mayotte", "11": "Île-de-France", "24": "Centre-Val de Loire",
        "27": "Bourgogne-Franche-Comté", "28": "Normandie", "32": "Hauts-de-France",
        "44": "Grand Est", "52": "Pays de la Loire", "53": "Bretagne", "75": "Nouvelle-Aquitaine",
        "76": "Occitanie", "84": "Auvergne-Rhône-Alpes", "93": "Provence-Alpes-Côte d'Azur",
        "94": "Corse",
    }
)  # fmt: skip

DEPARTEMENTS: Mapping[str, str] = MappingProxyType(
    {
        "01": "Ain", "02": "Aisne", "03": "Allier", "04": "Alpes-de-Haute-Provence",
        "05": "Hautes-Alpes", "06": "Alpes-Maritimes", "07": "Ardèche", "08": "Ardennes",
        "09": "Ariège", "10": "Aube", "11": "Aude", "12": "Aveyron", "13": "Bouches-du-Rhône",
        "14": "Calvados", "15": "Cantal", "16": "Charente", "17": "Charente-Maritime",
        "18": "Cher", "19": "Corrèze", "2A": "Corse-du-Sud", "2B": "Haute-Corse",
        "21": "Côte-d'Or", "22": "Côtes-d'Armor", "23": "Creuse", "24": "Dordogne", "25": "Doubs",
        "26": "Drôme", "27": "Eure", "28": "Eure-et-Loir", "29": "Finistère", "30": "Gard",
        "31": "Haute-Garonne", "32": "Gers", "33": "Gironde", "34": "Hérault",
        "35": "Ille-et-Vilaine", "36": "Indre", "37": "Indre-et-Loire", "38": "Isère",
        "39": "Jura", "40": "Landes", "41": "Loir-et-Cher", "42": "Loire", "43": "Haute-Loire",
        "44": "Loire-Atlantique", "45": "Loiret", "46": "Lot", "47": "Lot-et-Garonne",
        "48": "Lozère", "49": "Maine-et-Loire", "50": "Manche", "51": "Marne",
        "52": "Haute-Marne", "53": "Mayenne", "54": "Meurthe-et-Moselle", "55": "Meuse",
        "56": "Morbihan", "57": "Moselle", "58": "Nièvre", "59": "Nord", "60": "Oise",
        "61": "Orne", "62": "Pas-de-Calais", "63": "Puy-de-Dôme", "64": "Pyrénées-Atlantiques",
        "65": "Hautes-Pyrénées", "66": "Pyrénées-Orientales", "67": "Bas-Rhin", "68": "Haut-Rhin",
        "69": "Rhône", "70": "Haute-Saône", "71": "Saône-et-Loire", "72": "Sarthe",
        "73": "Savoie", "74": "Haute-Savoie", "75": "Paris", "76": "Seine-Maritime",
        "77": "Seine-et-Marne", "78": "Yvelines", "79": "Deux-Sèvres", "80": "Somme",
        "81": "Tarn", "82": "Tarn-et-Garonne", "83": "Var", "84": "Vaucluse", "85": "Vendée",
        "86": "Vienne", "87": "Haute-Vienne", "88": "Vosges", "89": "Yonne",
        "90": "Territoire de Belfort", "91": "Essonne", "92": "Hauts-de-Seine",
        "93": "Seine-Saint-Denis", "94": "Val-de-Marne", "95": "Val-d'Oise",
        "971": "Guadeloupe", "972": "Martinique", "973": "Guyane", "974": "La Réunion",
        "976": "Mayotte",
    }
)  # fmt: skip

_DEPARTEMENTS_OF_ACADEMIE = {
    "01": "75", "02": "04 05 13 84", "03": "25 39 70 90", "04": "24 33 40 47 64",
    "06": "03 15 43 63", "07": "21 58 71 89", "08": "07 26 38 73 74", "09": "59 62",
    "10": "01 42 69", "11": "11 30 34 48 66", "12": "54 55 57 88", "13": "16 17 79 86",
    "14": "22 29 35 56", "15": "67 68", "16": "09 12 31 32 46 65 81 82", "17": "44 49 53 72 85",
    "18": "18 28 36 37 41 45", "19": "08 10 51 52", "20": "02 60 80", "22": "19 23 87",
    "23": "06 83", "24": "77 93 94", "25": "78 91 92 95", "27": "2A 2B", "28": "974",
    "31": "972", "32": "971", "33": "973", "43": "976", "70": "14 27 50 61 76",
}  # fmt: skip

_ACADEMIE_OF_DEPARTEMENT = {
    departement: academie
    for academie, departements in _DEPARTEMENTS_OF_ACADEMIE.items()
    for departement in departements.split()
}
_REGION_OF_ACADEMIE = {
    academie: region for region, academies in REGIONS_ACADEMIQUES.items() for academie in academies
}
_COMMUNE = re.compile(r"[0-9][0-9AB][0-9]{3}")


def normal_departement(code: str) -> str | None:
    """
    Return the code of a département as the COG writes it, or None when there is no such one.

    Files write ``1``, ``01``, ``001``, ``54``, ``054``, ``2a``, ``02A``: one way comes out.
    """
    text = code.strip().upper()
    for candidate in (text, text.removeprefix("0"), text.zfill(2)):
        if candidate in DEPARTEMENTS:
            return candidate
    return None


def departement_of(commune_cog: str) -> str | None:
    """Return the département of a commune's COG code (5 characters), None when it is not one."""
    text = commune_cog.strip().upper()
    if not _COMMUNE.fullmatch(text):
        return None
    code = text[:3] if text.startswith("97") else text[:2]
    return code if code in DEPARTEMENTS else None


def academie_of(departement: str) -> str | None:
    """Return the code of the académie of a département, whichever way its code is written."""
    code = normal_departement(departement)
    return _ACADEMIE_OF_DEPARTEMENT[code] if code else None


def region_academique_of(academie: str) -> str | None:
    """Return the name of the région académique of an académie's code."""
    return _REGION_OF_ACADEMIE.get(academie.strip().zfill(2))

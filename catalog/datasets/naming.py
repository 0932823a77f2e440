"""What the name of a column says, by the habits of French administrations and of software."""

import re
import unicodedata

PERSONAL_NAMES = frozenset(
    ["nom", "noms", "name", "surname", "lastname", "patronyme", "patronymique", "nomprenom",
     "fullname", "username", "login", "pseudo", "responsable", "titulaire"]
)  # fmt: skip
FIRST_NAMES = frozenset(["prenom", "prenoms", "firstname", "forename", "given", "prenom1"])
EMAILS = frozenset(["mail", "mails", "email", "courriel", "mel", "emails"])
PHONES = frozenset(["tel", "telephone", "phone", "fax", "portable", "mobile", "gsm", "tel1"])
ADDRESSES = frozenset(["adresse", "adresse1", "adresse2", "address", "domicile"])
INES = frozenset(["ine", "inee", "bea", "rnie"])
NIRS = frozenset(["nir", "nss", "insecu", "secu"])
PUPILS = frozenset(
    ["eleve", "eleves", "pupil", "student", "apprenant", "etudiant", "enfant", "learner", "user",
     "utilisateur", "usager", "actor"]
)  # fmt: skip
IDENTIFIERS = frozenset(["id", "identifiant", "uid", "uuid", "num", "numero", "code", "cle", "no"])
HOUSEHOLDS = frozenset(["foyer", "famille", "household", "menage", "allocataire"])
THINGS = frozenset(
    ["etablissement", "ecole", "college", "lycee", "commune", "ville", "departement", "academie",
     "region", "circonscription", "formation", "diplome", "fichier", "service", "groupe", "classe",
     "application", "produit", "ressource", "matiere", "discipline", "activite", "exercice",
     "module", "uai", "organisme", "zone", "bassin", "pays", "specialite", "file", "etab",
     "repas", "menu", "equipement", "salle", "marque", "modele", "quartier", "dataset"]
)  # fmt: skip
COUNTS = frozenset(
    ["nb", "nbre", "nombre", "effectif", "effectifs", "eff", "inscrits", "presents", "admis",
     "candidats", "total", "capa", "capacite", "count", "boursiers"]
)  # fmt: skip
RATES = frozenset(["taux", "part", "pct", "pourcentage", "proportion", "rate", "ratio", "share"])
INDICATORS = frozenset(
    ["ips", "indice", "index", "ecart", "moyenne", "mediane", "va", "score", "valeur", "quartile"]
)  # fmt: skip
MARKS = frozenset(
    ["note", "notes", "score", "resultat", "mark", "grade", "points", "moyenne", "bareme"]
)  # fmt: skip
AMOUNTS = frozenset(
    ["montant", "euros", "euro", "prix", "cout", "bourse", "tarif", "subvention", "amount",
     "depense", "depenses", "quotient"]
)  # fmt: skip
YEARS = frozenset(["rentree", "session", "annee", "millesime", "year", "promotion", "campagne"])
SEXES = frozenset(["sexe", "sex", "genre", "gender", "civilite"])
CLASSES = frozenset(
    ["mef", "mefstat", "mefstat4", "mefstat11", "division", "classe", "class", "niveau"]
)  # fmt: skip
BIRTHS = frozenset(["naissance", "birth", "ddn", "naiss", "dob", "birthdate", "birthday"])
ABSENCES = frozenset(["absence", "absences", "absent", "retard", "retards", "assiduite"])
SENSITIVE = frozenset(
    ["handicap", "sante", "medical", "medicale", "mdph", "aesh", "avs", "pai", "pap", "pps",
     "ulis", "sanction", "sanctions", "exclusion", "punition", "religion", "confession", "culte",
     "nationalite", "ethnie", "origine", "divorce", "familiale", "parentale", "garde", "ase",
     "alimentaire", "halal", "casher", "porc", "allergie", "allergies", "vegetarien", "dispense",
     "inaptitude", "syndicat", "grossesse", "trouble", "dys", "disability", "health"]
)  # fmt: skip
KINDS = frozenset(
    ["type", "nature", "secteur", "statut", "categorie", "etat", "sigle", "rep", "zone"]
)  # fmt: skip
SCHOOLS = frozenset(["etablissement", "ecole", "college", "lycee", "uai", "etab", "school"])
LABELS = frozenset(["nom", "libelle", "lib", "denomination", "appellation", "patronyme", "name"])
TOWNS = frozenset(["commune", "communes", "ville", "city", "localite", "municipalite"])
POSTCODES = frozenset(["postal", "cp", "postcode", "codepostal", "zip"])
COGS = frozenset(["commune", "insee", "cog", "depcom", "com"])
DEPARTEMENTS = frozenset(["departement", "dep", "dept", "depart", "departements"])
ACADEMIES = frozenset(["academie", "aca", "acad", "academies", "academique"])
REGIONS = frozenset(["region", "regions", "reg"])
ROWS = frozenset(["ligne", "row", "rownum", "rowid", "tri", "numligne"])
TRACES = frozenset(["statement", "registration"])
CODES = frozenset(["code", "cp", "siren", "siret", "mef"])
COORDINATES = frozenset(
    ["latitude", "longitude", "lat", "lon", "lng", "coordx", "coordy", "geom", "coordonnees"]
)  # fmt: skip
DATES = frozenset(["date", "jour", "day", "timestamp", "horodatage", "heure", "maj"])

_SMALL_WORDS = frozenset(["d", "de", "du", "des", "l", "la", "le", "les", "of", "the", "a", "en"])


def words_of(name: str) -> frozenset[str]:
    """Return the words of a column's name: no accents, no capitals, no small words."""
    bare = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", bare)
    words = re.split(r"[^a-z0-9]+", spaced.lower())
    return frozenset(word for word in words if word) - _SMALL_WORDS

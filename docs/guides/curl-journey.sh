#!/bin/sh
# From a registered dataset to a delivered pseudonymised extract: three people, and curl alone.
# Explained in curl-journey.md. Needs sh, curl, python3 (to read JSON) and sha256sum or shasum.
#
#   sh docs/guides/curl-journey.sh [http://127.0.0.1:8000]
#
# Each run gives its datasets and its project new titles: it can be run again.
set -eu

HUB=${1:-http://127.0.0.1:8000}
API=$HUB/api/v1
OPEN_FILE=${OPEN_FILE:-$(dirname "$0")/../../hub/demo/data/fr-en-dnb-par-etablissement.csv}
PASSWORD=${HUB_DEMO_PASSWORD:-demo-hub-education}
RUN=$(date +%Y-%m-%d-%Hh%Mm%Ss)-$$

umask 077
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT

# -- small tools ---------------------------------------------------------------------------------

step() { printf '\n%s\n' "$*"; }
note() { printf '    %s\n' "$*"; }
fail() { printf '%s\n' "$*" >&2; exit 1; }

# get KEY…: reads JSON, prints the values found under these keys (files.0.name goes deeper).
get() {
    python3 -c '
import functools, json, sys
whole = json.load(sys.stdin)
into = lambda it, key: it[int(key)] if isinstance(it, list) else it[key]
print(*(functools.reduce(into, path.split("."), whole) for path in sys.argv[1:]))' "$@"
}

# call WHO METHOD PATH [JSON]: as that person. Their token is read by curl from a file: it never
# shows among the processes of the machine. What the hub refuses is shown, and ends the script.
call() {
    who=$1 method=$2 path=$3
    shift 3
    if [ $# -gt 0 ]; then
        printf '%s' "$1" >"$WORK/body.json"
        set -- -H 'Content-Type: application/json' --data-binary "@$WORK/body.json"
    fi
    curl -sS --fail-with-body -X "$method" -H "@$WORK/$who.header" "$@" "$API$path" \
        >"$WORK/answer" || fail "$method $path: $(cat "$WORK/answer")"
    cat "$WORK/answer"
}

# expect STATUS WHO PATH: makes sure that a GET by that person is answered with this status.
expect() {
    found=$(curl -sS -o /dev/null -w '%{http_code}' -H "@$WORK/$2.header" "$API$3")
    note "$2 gets $found"
    [ "$found" = "$1" ] || fail "Expected $1 on $3."
}

# follow WHO PATH DONE TOTAL STATE: asks every second until the state comes; shows the progress.
follow() {
    for _again in $(seq 600); do
        call "$1" GET "$2" >"$WORK/followed.json"
        state=$(get state <"$WORK/followed.json")
        note "$state, $(get "$3" <"$WORK/followed.json") of $(get "$4" <"$WORK/followed.json")"
        case $state in
            "$5") return ;;
            failed | cancelled) fail "$(cat "$WORK/followed.json")" ;;
        esac
        sleep 1
    done
    fail "Nothing moves any more: is the worker alive?"
}

# sign_in WHO ADDRESS SCOPES: signs in as a browser does, and makes a personal token of one day.
sign_in() {
    jar=$WORK/$1.cookies
    curl -sS -o /dev/null -c "$jar" "$HUB/accounts/login/"
    printf '%s' "$PASSWORD" | curl -sS -o /dev/null -b "$jar" -c "$jar" \
        --data-urlencode "csrfmiddlewaretoken=$(csrf "$jar")" \
        --data-urlencode "login=$2" --data-urlencode "password@-" "$HUB/accounts/login/"
    printf 'X-CSRFToken: %s\n' "$(csrf "$jar")" >"$WORK/csrf.header"
    curl -sS --fail-with-body -b "$jar" -H "@$WORK/csrf.header" \
        -H 'Content-Type: application/json' \
        --data "{\"label\": \"curl $RUN\", \"scopes\": [$3], \"days\": 1}" \
        "$API/tokens" >"$WORK/token.json" || fail "$(cat "$WORK/token.json")"
    printf 'Authorization: Bearer %s\n' "$(get token <"$WORK/token.json")" >"$WORK/$1.header"
    note "$1 is $2"
}
csrf() { awk '$6 == "csrftoken" { print $7 }' "$1"; }

# -- who ---------------------------------------------------------------------------------------

step "1. Three people sign in and make a token for their scripts; so does a stranger"
sign_in producer producteur@demo.example '"read", "catalogue"'
sign_in researcher chercheuse@demo.example '"read", "requests", "downloads"'
sign_in steward instructeur@demo.example '"read", "decisions"'
sign_in stranger inconnu@demo.example '"read", "requests", "downloads"'
: >"$WORK/nobody.header"

# -- the producer ------------------------------------------------------------------------------

step "2. The producer registers the brevet results of schools, and gives the file"
dnb=$(call producer POST /datasets "{
    \"title\": \"Brevet par établissement ($RUN)\", \"unit\": \"school\",
    \"release_label\": \"sessions 2006 à 2021\", \"licence\": \"etalab-2.0\",
    \"summary\": \"Inscrits, présents, admis au brevet, par établissement.\",
    \"description\": \"Aucune donnée de personne.\",
    \"contact_email\": \"donnees@demo.example\"}" | get slug)
curl -sS --fail-with-body -X PUT -H "@$WORK/producer.header" -H 'Content-Type: text/csv' \
    --data-binary "@$OPEN_FILE" "$API/datasets/$dnb/upload" >"$WORK/fields.json" ||
    fail "$(cat "$WORK/fields.json")"
note "registered as $dnb; the hub proposes, for each column, a type, a meaning and a level:"
python3 -c '
import json, sys
for one in json.load(sys.stdin)[:4]:
    print("    ", one["name"], one["type"], one["semantic_type"], one["proposal"]["level"])' \
    <"$WORK/fields.json"

step "3. The producer says what each column is, and confirms the proposals"
python3 -c '
import json, sys
said = lambda one: one["name"].replace("_", " ").capitalize()
fields = [
    {"name": one["name"], "label": said(one), "definition": said(one) + "."}
    for one in json.load(sys.stdin)
]
print(json.dumps({"fields": fields, "confirm_all": True}))' \
    <"$WORK/fields.json" >"$WORK/said.json"
call producer PATCH "/datasets/$dnb/fields" "$(cat "$WORK/said.json")" >/dev/null

step "4. A worker takes the rows in; the producer publishes"
call producer POST "/datasets/$dnb/ingestion" >/dev/null
follow producer "/datasets/$dnb/ingestion" rows_done rows_total done
call producer POST "/datasets/$dnb/publication" >"$WORK/published.json"
note "published as « $(get tier <"$WORK/published.json") »"

step "5. Anyone downloads it: no account, no token"
curl -sS --fail -o "$WORK/open.csv" "$API/datasets/$dnb/download.csv"
note "$(wc -l <"$WORK/open.csv") lines"

step "6. The producer registers a base of pupils: 500 who do not exist"
python3 -c '
import random
dice = random.Random(1)
print("ine;nom;prenom;courriel;date_naissance;sexe;niveau;note_lecture")
for number in range(500):
    ine = f"{dice.randrange(10**9):09d}" + dice.choice("ABCDEFGHJK") + dice.choice("ABCDEFGHJK")
    name, first = f"NOMFICTIF{number}", f"Prenomfictif{number}"
    born = f"{dice.randint(2011, 2014)}-{dice.randint(1, 12):02d}-{dice.randint(1, 28):02d}"
    level, mark = dice.choice(["6EME", "5EME"]), dice.randint(0, 40) / 2
    row = [ine, name, first, f"{first}.{name}@famille.example", born, dice.choice("FM"), level]
    print(*row, f"{mark:.1f}".replace(".", ","), sep=";")' >"$WORK/pupils.csv"
pupils=$(call producer POST /datasets "{
    \"title\": \"Lecture au collège, élèves fictifs ($RUN)\", \"unit\": \"pupil\",
    \"release_label\": \"rentrée 2025\",
    \"summary\": \"Une ligne par élève : sexe, date de naissance, niveau, note de lecture.\",
    \"description\": \"Données tirées au sort.\", \"contact_email\": \"donnees@demo.example\",
    \"controller_contact\": \"donnees@demo.example\",
    \"collection_basis\": \"public_task\", \"retention_months\": 36,
    \"accepted_profiles\": [\"researcher\"], \"accepted_purposes\": [\"research\"]}" | get slug)
curl -sS --fail-with-body -X PUT -H "@$WORK/producer.header" -H 'Content-Type: text/csv' \
    --data-binary "@$WORK/pupils.csv" "$API/datasets/$pupils/upload" >"$WORK/fields.json" ||
    fail "$(cat "$WORK/fields.json")"
python3 -c '
import json, sys
for one in json.load(sys.stdin):
    print("    ", one["name"], "level", one["proposal"]["level"], "-", one["proposal"]["reason"])' \
    <"$WORK/fields.json"

step "7. Described, confirmed, taken in (where identifiers become pseudonyms), published"
call producer PATCH "/datasets/$pupils/fields" '{"confirm_all": true, "fields": [
    {"name": "ine", "label": "INE", "definition": "Identifiant national."},
    {"name": "nom", "label": "Nom", "definition": "Nom de famille."},
    {"name": "prenom", "label": "Prénom", "definition": "Prénom."},
    {"name": "courriel", "label": "Courriel", "definition": "Adresse d’un responsable."},
    {"name": "date_naissance", "label": "Naissance", "definition": "Date de naissance."},
    {"name": "sexe", "label": "Sexe", "definition": "F ou M."},
    {"name": "niveau", "label": "Niveau", "definition": "Sixième ou cinquième.",
     "semantic_type": "category", "level": 2},
    {"name": "note_lecture", "label": "Note", "definition": "Note de lecture, sur 20.",
     "level": 3}]}' >/dev/null
call producer POST "/datasets/$pupils/ingestion" >/dev/null
follow producer "/datasets/$pupils/ingestion" rows_done rows_total done
call producer POST "/datasets/$pupils/publication" >"$WORK/published.json"
note "published as « $(get tier <"$WORK/published.json") »: nobody downloads these rows"
expect 403 nobody "/datasets/$pupils/download.csv"

# -- the researcher ----------------------------------------------------------------------------

step "8. The researcher reads the charter of researchers, and signs it"
number=$(call researcher GET /charters/researcher | get number)
call researcher POST /charters/researcher/signature "{\"number\": $number, \"agreed\": true}" \
    >/dev/null
note "version $number is signed"

step "9. The researcher asks for some fields, each with its reason, and an end"
end=$(python3 -c 'import datetime as d; print(d.date.today() + d.timedelta(days=180))')
request=$(call researcher POST /requests "{
    \"title\": \"Lecture et âge ($RUN)\", \"purpose\": \"research\",
    \"legal_basis\": \"public_task\", \"ends_on\": \"$end\",
    \"context\": \"Étude de la lecture au collège.\",
    \"question\": \"Les élèves les plus jeunes lisent-ils moins bien ?\",
    \"outputs\": \"Un article et des tableaux agrégés.\",
    \"hosting\": \"Serveur du laboratoire, en France.\",
    \"security\": \"Poste chiffré, accès nominatif.\"}" | get id)
call researcher PUT "/requests/$request/datasets/$pupils" '{"wishes": [
    {"name": "ine", "justification": "Compter des élèves distincts."},
    {"name": "sexe", "justification": "Comparer filles et garçons."},
    {"name": "date_naissance", "justification": "L’âge est l’objet de l’étude."},
    {"name": "niveau", "justification": "Comparer à niveau égal."},
    {"name": "note_lecture", "justification": "Mesure principale."}]}' >/dev/null
note "what would be received, and why:"
call researcher GET "/requests/$request/plan" | python3 -c '
import json, sys
for one in json.load(sys.stdin)[0]["treatments"]:
    print("    ", one["sentence"])'
call researcher POST "/requests/$request/steps/submit" '{}' | get state >"$WORK/state"
note "the request is $(cat "$WORK/state")"
expect 404 stranger "/requests/$request"

# -- the steward -------------------------------------------------------------------------------

step "10. The steward examines it, and approves it for the producer"
call steward POST "/requests/$request/steps/start_review" '{}' >/dev/null
call steward POST "/requests/$request/steps/approve" "{
    \"dataset\": \"$pupils\", \"reason\": \"Proportionné à la question.\"}" >"$WORK/approved.json"
note "the request is $(get state <"$WORK/approved.json")"

# -- the extract -------------------------------------------------------------------------------

step "11. The researcher starts the extract, and follows it"
grant=$(call researcher GET "/requests/$request" | get grant_id)
extract=$(call researcher POST "/grants/$grant/extracts" '{}' | get id)
follow researcher "/extracts/$extract" progress.done progress.total ready

step "12. The researcher downloads every file, and checks the sums"
mkdir "$WORK/extract"
call researcher GET "/extracts/$extract" | python3 -c '
import json, sys
for one in json.load(sys.stdin)["files"]:
    print(one["name"])' >"$WORK/names"
while read -r name; do
    curl -sS --fail -H "@$WORK/researcher.header" -o "$WORK/extract/$name" \
        "$API/extracts/$extract/files/$name"
done <"$WORK/names"
sums=$(command -v sha256sum || echo "shasum -a 256")
(cd "$WORK/extract" && $sums -c SHA256SUMS) | sed 's/^/    /'
head -n 3 "$WORK/extract/data.csv" | sed 's/^/    /'

step "13. No identifier, name or address is in what was delivered"
cut -d';' -f1-4 "$WORK/pupils.csv" | tail -n +2 | tr ';' '\n' >"$WORK/secrets"
if grep -raFf "$WORK/secrets" "$WORK/extract" >/dev/null; then fail "One is!"; fi
note "$(wc -l <"$WORK/secrets") of them were looked for, in the clear"

step "14. Others get nothing: without an account, or without a grant"
expect 401 nobody "/extracts/$extract"
expect 401 nobody "/extracts/$extract/files/data.csv"
expect 404 stranger "/extracts/$extract"
expect 404 stranger "/extracts/$extract/files/data.csv"
expect 404 stranger "/grants/$grant"

step "Done: $HUB/grants/$grant (as the researcher)"

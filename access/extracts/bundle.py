"""
The bundle: the files of an extract, sealed on disk, seen all at once or not at all. No Django.

Files are written into a staging folder beside their destination, sealed under a data key as they
are written: a clear byte never reaches the disk. One atomic rename publishes the folder. A run
that is killed leaves a staging folder that nothing reads and that the next run, or a sweep,
removes.
"""

import base64
import hashlib
import io
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from access.extracts import engine
from access.extracts.account import Titles, Translate, account
from access.extracts.datapackage import (
    FileEntry,
    Licence,
    Schemas,
    descriptor,
    dictionary_csv,
    dictionary_markdown,
)
from access.extracts.outcomes import Outcome, outcome_read, outcome_told
from access.extracts.ports import (
    Consent,
    ExtractKeys,
    Limits,
    Meter,
    Progress,
    SourceFile,
    SubjectSet,
    never,
    silent,
)
from access.plans.crossing import Recipe
from hub.crypto.files import SealedReader, SealedWriter, Unreadable
from hub.crypto.keys import Secret

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

MANIFEST = ".manifest"
PARTIAL = ".partial"
SIGNATURE = "SHA256SUMS.sig"


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the engine needs besides the plan."""

    sources: Sequence[SourceFile]
    keys: ExtractKeys
    consent: Consent
    frozen: frozenset[bytes] = frozenset()
    changed: SubjectSet | None = None


@dataclass(frozen=True, slots=True)
class Texts:
    """
    What the bundle says.

    :param fields: of the schema of each release, for labels and definitions
    :param charter: full text that was signed
    :param say: gettext by language, the first one being that of the single-language files
    """

    titles: Titles
    licence: Licence
    charter: str
    fields: Schemas
    say: Mapping[str, Translate]


@dataclass(frozen=True, slots=True)
class Ports:
    """How a run is watched and bounded, and who signs its checksums (Ed25519) if anybody."""

    progress: Progress = silent
    cancelled: Callable[[], bool] = never
    limits: Limits | None = None
    meter: Meter | None = None
    sign: Callable[[bytes], bytes] | None = None


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle that is published: its files as their readers get them, and what was done."""

    files: tuple[FileEntry, ...]
    outcome: Outcome
    digest: str
    """Of the plan."""


def produce(  # one thing each, all by name
    *,
    plan: Recipe,
    inputs: Inputs,
    texts: Texts,
    destination: Path,
    file_key: Secret,
    workdir: Path,
    ports: Ports | None = None,
) -> Bundle:
    """
    Run a plan and publish its bundle in a folder, or find it there already.

    The same plan into the same destination under the same key is made once: a second call returns
    what the first one published.

    :param file_key: data key of this extract's files, used for nothing else
    :param workdir: for the engine's temporary files
    :raises EngineError: when there is nothing to publish; nothing is left behind then
    """
    found = published(destination, file_key)
    if found is not None and found.digest == plan.digest:
        return found
    ports = ports or Ports()
    with staging(destination, file_key) as stage:
        outcome = engine.run(
            plan=plan,
            sources=inputs.sources,
            keys=inputs.keys,
            consent=inputs.consent,
            output=stage,
            workdir=workdir,
            progress=ports.progress,
            cancelled=ports.cancelled,
            limits=ports.limits,
            frozen=inputs.frozen,
            changed=inputs.changed,
            meter=ports.meter,
        )
        return _completed(stage, plan, outcome, texts, ports.sign)


def gather(  # one thing each, all by name
    *,
    plan: Recipe,
    folder: Path,
    entries: Sequence[FileEntry],
    outcome: Outcome,
    texts: Texts,
    destination: Path,
    file_key: Secret,
    sign: Callable[[bytes], bytes] | None = None,
) -> Bundle:
    """
    Publish a bundle around rows that were written elsewhere, and looked at by the caller.

    :param folder: where the sealed files are, on the same disk as the destination; they stay there
    :param entries: the files of rows, in order
    """
    with staging(destination, file_key) as stage:
        for entry in entries:
            stage.adopt(folder / entry.name, entry)
        return _completed(stage, plan, outcome, texts, sign)


def _completed(
    stage: "Staging",
    plan: Recipe,
    outcome: Outcome,
    texts: Texts,
    sign: Callable[[bytes], bytes] | None,
) -> Bundle:
    """Write all that a bundle holds beside its rows."""
    _describe(stage, plan, outcome, texts)
    _sum_up(stage, sign)
    bundle = Bundle(tuple(stage.entries.values()), outcome, plan.digest)
    stage.add(MANIFEST, _manifest(bundle))
    return bundle


def published(destination: Path, file_key: Secret) -> Bundle | None:
    """Return the bundle of a folder, None when it holds none or the key does not open it."""
    try:
        with open_file(destination, MANIFEST, file_key) as reader:
            return _bundle(json.loads(reader.readall()))
    except (FileNotFoundError, Unreadable):
        return None


def open_file(destination: Path, name: str, file_key: Secret) -> SealedReader:
    """
    Open a published file for reading, from any position.

    :param name: as in :attr:`Bundle.files`
    :raises Unreadable: while reading, with another key or altered bytes
    """
    return SealedReader(destination / name, file_key, name.encode())


def sweep(folder: Path) -> int:
    """Remove the stagings that killed runs left in a folder of bundles; return how many."""
    left = [path for path in folder.glob(f".*{PARTIAL}") if path.is_dir()]
    for path in left:
        shutil.rmtree(path, ignore_errors=True)
    return len(left)


class Staging:
    """
    A folder nobody looks into, where files are sealed as they are written.

    :param entries: the files that were completed, by name
    """

    def __init__(self, folder: Path, key: Secret) -> None:
        self.folder = folder
        self.entries: dict[str, FileEntry] = {}
        self._key = key
        self._open: list[_Sealed] = []

    def create(self, name: str) -> IO[bytes]:
        """Open a new file to write in order; closing it completes it."""
        file = _Sealed(self.folder / name, self._key, self._complete)
        self._open.append(file)
        return file  # type: ignore[return-value]  # RawIOBase is no IO for the stubs, and is one

    def add(self, name: str, content: str) -> None:
        """Write a whole text file."""
        with self.create(name) as file:
            file.write(content.encode())

    def adopt(self, path: Path, entry: FileEntry) -> None:
        """Take in a file that is sealed and complete, under the key and the name of this place."""
        os.link(path, self.folder / entry.name)
        self._complete(entry)

    def give_up(self) -> None:
        """Close every file without completing it."""
        for file in self._open:
            file.give_up()

    def _complete(self, entry: FileEntry) -> None:
        self.entries[entry.name] = entry


@contextmanager
def staging(destination: Path, key: Secret) -> Iterator[Staging]:
    """
    Yield a staging beside a destination; publish it at the end, or leave nothing.

    Remains of a killed run for the same destination are removed first: one destination is the
    business of one run at a time.
    """
    destination.parent.mkdir(parents=True, exist_ok=True)
    prefix = f".{destination.name}."
    for left in destination.parent.glob(f"{prefix}*{PARTIAL}"):
        shutil.rmtree(left)
    folder = tempfile.mkdtemp(prefix=prefix, suffix=PARTIAL, dir=destination.parent)
    stage = Staging(Path(folder), key)
    try:
        yield stage
        _flush(stage.folder)
        if destination.exists():
            # Another plan's, or one that this key does not open: it goes the moment ours comes.
            os.rename(destination, f"{folder}.old{PARTIAL}")
        os.rename(stage.folder, destination)
        _flush(destination.parent)
    finally:
        stage.give_up()
        for left in destination.parent.glob(f"{prefix}*{PARTIAL}"):
            shutil.rmtree(left)


class _Sealed(io.RawIOBase):
    """Seals, measures and sums what is written to it."""

    def __init__(self, path: Path, key: Secret, complete: Callable[[FileEntry], None]) -> None:
        super().__init__()
        self._name = path.name
        self._file = path.open("xb")
        self._sealed = SealedWriter(self._file, key, path.name.encode())
        self._sum = hashlib.sha256()
        self._complete = complete

    def writable(self) -> bool:
        """Tell that bytes may be written."""
        return True

    def tell(self) -> int:
        """Return how many clear bytes were written."""
        return self._sealed.tell()

    def write(self, data: "ReadableBuffer", /) -> int:
        """Seal some bytes."""
        self._sum.update(data)
        return self._sealed.write(data)

    def close(self) -> None:
        """Complete the file, once."""
        if self.closed:
            return
        size = self._sealed.tell()
        self._sealed.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        super().close()
        self._complete(FileEntry(self._name, size, self._sum.hexdigest()))

    def give_up(self) -> None:
        """Close without completing."""
        self._sealed.abandon()
        self._file.close()
        super().close()


def _describe(stage: Staging, plan: Recipe, outcome: Outcome, texts: Texts) -> None:
    fields, titles, licence = texts.fields, texts.titles, texts.licence
    stage.add("plan.json", plan.to_json())
    stage.add("dictionary.csv", dictionary_csv(plan, outcome, fields, titles, texts.say))
    first = next(iter(texts.say.values()))
    stage.add("dictionary.md", dictionary_markdown(plan, outcome, fields, titles, first))
    for language, translate in texts.say.items():
        said = account(plan, outcome, titles, language=language, translate=translate)
        stage.add(f"account.{language}.md", said)
    stage.add("licence.txt", f"{licence.title}\n{licence.url}\n\n{licence.text}\n")
    stage.add("charter.txt", texts.charter)
    stage.add(
        "datapackage.json",
        descriptor(
            plan=plan,
            outcome=outcome,
            fields=fields,
            titles=titles,
            licence=licence,
            files=stage.entries,
        ),
    )


def _sum_up(stage: Staging, sign: Callable[[bytes], bytes] | None) -> None:
    sums = "".join(f"{each.sha256}  {each.name}\n" for each in stage.entries.values())
    stage.add("SHA256SUMS", sums)
    if sign:
        stage.add(SIGNATURE, base64.b64encode(sign(sums.encode())).decode() + "\n")


def _manifest(bundle: Bundle) -> str:
    data = asdict(bundle)
    data["outcome"] = outcome_told(bundle.outcome)
    return json.dumps(data)


def _bundle(data: dict[str, Any]) -> Bundle:
    files = tuple(FileEntry(**each) for each in data["files"])
    return Bundle(files, outcome_read(data["outcome"]), data["digest"])


def _flush(folder: Path) -> None:
    """Have the names of a folder on the disk before going on."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

"""Search everything that a hub keeps, says or delivers for what names a pupil."""

import base64
import binascii
import io
import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from hub.demo import catalogue, population
from hub.demo.settling import read
from tests.factories.whole_hub import WholeHub
from tests.journeys.steps import NAMES as FICTITIOUS

INE = re.compile(rb"(?=([0-9]{9}[A-K]{2}))")
PHONE = re.compile(rb"(?<![0-9])06[0-9]{8}(?![0-9])")
ADDRESS = re.compile(rb"[A-Z0-9.]{1,60}(?:@|%40)(?:FAMILLE|ELEVE)\.EXAMPLE")
# Two words with, between them, what a table, a sentence or a program puts there.
PAIR = re.compile(rb"([A-Z]{2,20})[ ;,\t\"'|._:+\x00-\x08-]{1,4}(?=([A-Z]{2,20}))")
FICTITIOUS_NAME = re.compile(rb"(?:PRE)?" + FICTITIOUS.encode() + rb"[0-9]+")
ENCODED = re.compile(rb"[A-Za-z0-9+/_-]{20,}={0,2}")
HEXADECIMAL = re.compile(rb"\\\\x([0-9a-f]{8,})")


@dataclass(frozen=True, slots=True)
class Pupils:
    """What must be found nowhere, in capitals."""

    ines: frozenset[bytes] = field(repr=False)
    names: frozenset[tuple[bytes, bytes]] = field(repr=False)
    phones: frozenset[bytes] = field(repr=False)

    def found_in(self, content: bytes) -> set[bytes]:
        """Return what names a pupil in some bytes, whatever the case."""
        text = content.upper()
        found = {one for one in INE.findall(text) if one in self.ines}
        found |= {one for one in PHONE.findall(text) if one in self.phones}
        found |= set(ADDRESS.findall(text)) | set(FICTITIOUS_NAME.findall(text))
        return found | {b" ".join(pair) for pair in PAIR.findall(text) if self._is_name(pair)}

    def _is_name(self, pair: tuple[bytes, bytes]) -> bool:
        return pair in self.names or pair[::-1] in self.names


def of_the_demo(size: int) -> Pupils:
    """Return those whom the demo world draws; a name that is also a school's is left out."""
    places = population.schools(catalogue.DATA / catalogue.SCHOOLS)
    drawn = population.draw(places, size=size)
    phones = population.canteen(drawn).column("telephone_responsable").to_pylist()
    names = {
        (family.encode(), first.encode())
        for family, first in zip(drawn.family_name, drawn.first_name, strict=True)
    }
    return Pupils(
        ines=frozenset(one.encode() for one in drawn.ine),
        names=frozenset(names - _of_schools_and_accounts()),
        phones=frozenset(one.encode() for one in phones),
    )


def _of_schools_and_accounts() -> set[tuple[bytes, bytes]]:
    texts = [path.read_bytes() for path in catalogue.DATA.glob("*.csv")]
    texts += [" ".join(one["name"]).encode() for one in read("people.toml")["person"]]
    pairs = {pair for text in texts for pair in PAIR.findall(text.upper())}
    return pairs | {pair[::-1] for pair in pairs}


def as_read(name: str, content: bytes) -> bytes:
    """Return the bytes of a delivered file as its reader sees them: a Parquet file as text."""
    if not name.endswith(".parquet"):
        return content
    table = pq.read_table(io.BytesIO(content))
    table = table.cast(pa.schema([(one.name, _plain(one.type)) for one in table.schema]))
    of_bytes = [one.name for one in table.schema if not _is_written(one.type)]
    raw = [
        bytes(buffer)
        for name in of_bytes
        for chunk in table.column(name).chunks
        for buffer in chunk.buffers()
        if buffer is not None
    ]
    text = io.BytesIO()
    pa.csv.write_csv(table.drop_columns(of_bytes), text)
    return b"\n".join([content, *raw, text.getvalue()])


def _plain(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_dictionary(kind):
        return kind.value_type
    return kind.storage_type if isinstance(kind, pa.BaseExtensionType) else kind


def _is_written(kind: pa.DataType) -> bool:
    return not (pa.types.is_binary(kind) or pa.types.is_fixed_size_binary(kind))


def decoded(content: bytes) -> bytes:
    """Return what is written in base64, hexadecimal or zlib inside a text, end to end."""
    found = [
        bytes.fromhex(one.decode()) for one in HEXADECIMAL.findall(content) if not len(one) % 2
    ]
    for one in ENCODED.findall(content):
        padded = one.rstrip(b"=") + b"=" * (-len(one.rstrip(b"=")) % 4)
        try:
            plain = base64.b64decode(padded.replace(b"-", b"+").replace(b"_", b"/"))
        except binascii.Error:
            continue
        found.append(_inflated(plain))
    return b"\n".join(found)


def _inflated(content: bytes) -> bytes:
    try:
        return zlib.decompress(content)
    except zlib.error:
        return content


def premises(hub: WholeHub) -> Path:
    """Return the folder that plays the server of a producer: what is there is not the hub's."""
    return hub.var / "node"


def everything_kept(hub: WholeHub) -> Iterator[tuple[str, bytes]]:
    """Return all that lies in the folder of a hub, in its tables and in Valkey, with where."""
    for folder in (hub.var, hub.temporary):
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_relative_to(premises(hub)):
                yield str(path.relative_to(folder.parent)), path.read_bytes()
    yield "what the hub printed", hub.output.read_bytes()
    for where, content in (*tables(hub), *keys(hub)):
        yield where, content
        yield f"{where}, decoded", decoded(content)


def tables(hub: WholeHub) -> Iterator[tuple[str, bytes]]:
    """Return every table of the database, as text."""
    with hub.database() as connection:
        names = connection.execute(
            "select quote_ident(schemaname) || '.' || quote_ident(tablename) from pg_tables"
            " where schemaname not in ('pg_catalog', 'information_schema')"
        ).fetchall()
        for [name] in names:
            with connection.cursor().copy(f"copy {name} to stdout") as copy:
                yield f"table {name}", b"".join(bytes(piece) for piece in copy)


def keys(hub: WholeHub) -> Iterator[tuple[str, bytes]]:
    """Return every key of Valkey with its value."""
    with hub.valkey() as client:
        readers: dict[bytes, Callable[[bytes], Any]] = {
            b"string": client.get,
            b"list": lambda key: client.lrange(key, 0, -1),
            b"hash": client.hgetall,
            b"set": client.smembers,
            b"zset": lambda key: client.zrange(key, 0, -1),
            b"stream": client.xrange,
        }
        for key in client.scan_iter():
            kind = client.type(key)
            if kind != b"none":
                yield f"key {key!r}", key + b"\n" + _flat(readers[kind](key))


def _flat(value: Any) -> bytes:
    if isinstance(value, bytes):
        return value
    if isinstance(value, dict):
        return b"\n".join(_flat(one) for pair in value.items() for one in pair)
    if isinstance(value, Iterable):
        return b"\n".join(_flat(one) for one in value)
    return b""

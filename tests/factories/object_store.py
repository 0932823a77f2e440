"""A real store of objects (SeaweedFS) on a free port of this machine, for the tests of S3."""

import json
import shutil
import socket
import subprocess
import sysconfig
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from pyarrow import fs

READER = ("reader-key", "reader-secret")
STRANGER = ("stranger-key", "stranger-secret")
LISTER = ("lister-key", "lister-secret")
_WRITER = ("writer-key", "writer-secret")
_SECONDS = 60


@dataclass(frozen=True, slots=True)
class ObjectStore:
    """Where it is, and who may write to it."""

    endpoint: str

    def put(self, path: str, content: bytes) -> None:
        """Write an object, in a bucket that is made when it is not there."""
        files = fs.S3FileSystem(
            access_key=_WRITER[0],
            secret_key=_WRITER[1],
            region="test",
            scheme="http",
            endpoint_override=self.endpoint.removeprefix("http://"),
            allow_bucket_creation=True,
        )
        bucket = path.partition("/")[0]
        if files.get_file_info(bucket).type == fs.FileType.NotFound:
            files.create_dir(bucket)
        with files.open_output_stream(path) as stream:
            stream.write(content)


def _identity(name: str, keys: tuple[str, str], *actions: str) -> dict[str, object]:
    return {
        "name": name,
        "credentials": [{"accessKey": keys[0], "secretKey": keys[1]}],
        "actions": list(actions),
    }


def _free_ports(count: int) -> list[int]:
    held = [socket.socket() for _ in range(count)]
    for one in held:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


@contextmanager
def running_store() -> Iterator[ObjectStore]:
    """Start the store, wait until it answers, and stop it by its own process at the end."""
    folder = Path(tempfile.mkdtemp(prefix="hub-s3-"))
    identities = [
        _identity("writer", _WRITER, "Admin"),
        _identity("reader", READER, "Read:open", "List:open"),
        _identity("stranger", STRANGER, "Read:elsewhere"),
        _identity("lister", LISTER, "Read", "List"),
    ]
    config = folder / "identities.json"
    config.write_text(json.dumps({"identities": identities}))
    names = ("s3.port", "master.port", "volume.port", "filer.port")
    ports = _free_ports(2 * len(names))
    each = dict(zip(names, ports, strict=False))
    secret = {f"{name}.grpc": port for name, port in zip(names, ports[len(names) :], strict=True)}
    command = [
        str(Path(sysconfig.get_path("scripts")) / "weed"),
        "server",
        "-s3",
        "-iam=false",
        f"-dir={folder}",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        f"-s3.config={config}",
        "-master.volumeSizeLimitMB=32",
        "-master.telemetry=false",
        "-volume.max=8",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        *(f"-{name}={port}" for name, port in (each | secret).items()),
    ]
    log = (folder / "log").open("wb")
    process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, cwd=folder)
    try:
        store = ObjectStore(f"http://127.0.0.1:{each['s3.port']}")
        _wait(store, process, folder / "log")
        yield store
    finally:
        # It waits long for its clients when it is asked to stop, and nothing of it is kept.
        process.kill()
        process.wait()
        log.close()
        shutil.rmtree(folder, ignore_errors=True)


def _wait(store: ObjectStore, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until an object can be written: the parts of the store find each other first."""
    until = time.monotonic() + _SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        if _answers(store.endpoint):
            with suppress(OSError):
                store.put("open/_ready", b"1")
                return
        time.sleep(0.2)
    raise RuntimeError(log.read_text(errors="replace")[-2000:])


def _answers(endpoint: str) -> bool:
    try:
        with urllib.request.urlopen(f"{endpoint}/healthz", timeout=2):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False

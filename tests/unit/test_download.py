"""Public data sets, from a server of our own that serves tiny ones."""

import gc
import gzip
import hashlib
import io
import pickle
import tarfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pooch
import pytest
import requests
import yaml

from sidebyside import datasets
from sidebyside.datasets import _catalogue, _shipped

rng = np.random.default_rng(0)


def images(n: int, *shape: int) -> np.ndarray:
    return rng.integers(0, 256, (n, *shape), dtype=np.uint8)


def labels(n: int) -> np.ndarray:
    return rng.integers(0, 10, n, dtype=np.uint8)


GREY = (images(5, 28, 28), labels(5), images(3, 28, 28), labels(3))
COLOUR = (images(10, 32, 32, 3), labels(10), images(2, 32, 32, 3), labels(2))


def npz() -> bytes:
    file = io.BytesIO()
    names = ("x_train", "y_train", "x_test", "y_test")
    np.savez(file, **dict(zip(names, GREY, strict=True)))
    return file.getvalue()


def idx(array: np.ndarray) -> bytes:
    """Write the IDX format: 0, 0, type, rank; sizes, big-endian; bytes."""
    sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
    return gzip.compress(bytes([0, 0, 8, array.ndim]) + sizes + array.tobytes())


def cifar() -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        for i in range(6):
            X, y = COLOUR[:2] if i < 5 else COLOUR[2:]
            part = slice(2 * i, 2 * i + 2) if i < 5 else slice(None)
            flat = X[part].transpose(0, 3, 1, 2).reshape(2, -1)  # (N, C, H, W)
            batch = {b"data": flat, b"labels": y[part].tolist()}
            content = pickle.dumps(batch, protocol=2)
            name = f"data_batch_{i + 1}" if i < 5 else "test_batch"
            entry = tarfile.TarInfo(f"cifar-10-batches-py/{name}")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return file.getvalue()


FILES: dict[str, list[bytes]] = {
    "mnist": [npz()],
    "fashion-mnist": [idx(array) for array in GREY],
    "cifar-10": [cifar()],
}
EXPECTED = {"mnist": GREY, "fashion-mnist": GREY, "cifar-10": COLOUR}
sets = pytest.mark.parametrize("name", FILES)


LOGIN = b"<html>Log in to the network of this hotel.</html>"


class Server:
    """What the loaders see of the network."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.cache, self.requests = folder / "cache", 0
        self.asks_to_log_in = False
        self.breaks_off_after: int | None = None
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.requests += 1
                name, index = self.path.strip("/").split("/")
                if name not in FILES:
                    self.send_error(404)
                    return
                content = LOGIN if outer.asks_to_log_in else FILES[name][int(index)]
                self.send_response(200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content[: outer.breaks_off_after])

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.http = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        self.known = self._catalogue()
        monkeypatch.setattr(_catalogue, "data_file", self._data_file)
        monkeypatch.setenv("XDG_CACHE_HOME", str(self.cache))
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        self.folder = folder

    def _catalogue(self) -> dict[str, Any]:
        text = _catalogue.data_file("datasets.yaml").read_text(encoding="utf-8")
        known = yaml.safe_load(text)
        for name, contents in FILES.items():
            known[name].pop("installed", None)  # this machine may have them
            assert len(known[name]["files"]) == len(contents)
            for i, (file, content) in enumerate(
                zip(known[name]["files"], contents, strict=True)
            ):
                kind = file["hash"].split(":")[0]
                digest = hashlib.new(kind, content).hexdigest()
                file |= {"url": f"{self.url}/{name}/{i}", "hash": f"{kind}:{digest}"}
        return known

    def _data_file(self, name: str) -> Path:
        path = self.folder / name
        path.write_text(yaml.safe_dump(self.known), encoding="utf-8")
        return path

    def kept(self) -> list[Path]:
        """Return the files in the cache."""
        return [path for path in self.cache.rglob("*") if path.is_file()]


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    server = Server(tmp_path, monkeypatch)
    thread = threading.Thread(target=server.http.serve_forever, args=(0.05,))
    thread.start()
    yield server
    server.http.shutdown()
    server.http.server_close()
    thread.join()


@sets
def test_a_public_set_is_read_as_it_was_written(name: str, server: Server) -> None:
    X_train, y_train, X_test, y_test = EXPECTED[name]
    loaded = datasets.load_images(name)
    shape = server.known[name]["shape"]
    for received, expected in (
        (loaded.X_train, X_train),
        (loaded.X_test, X_test),
    ):
        assert received.dtype == np.float32
        assert list(received.shape) == [len(expected), *shape]
        in_bytes = (received * 255).round().reshape(expected.shape)
        np.testing.assert_array_equal(in_bytes, expected)
        assert received.max() <= 1.0
    for received, expected in ((loaded.y_train, y_train), (loaded.y_test, y_test)):
        assert received.dtype == np.int64
        np.testing.assert_array_equal(received, expected)
    assert loaded.classes == server.known[name]["classes"]


@sets
def test_files_are_fetched_once(name: str, server: Server) -> None:
    datasets.load_images(name)
    assert server.requests == len(FILES[name])
    assert len(server.kept()) == len(FILES[name])
    datasets.load_images(name)
    assert server.requests == len(FILES[name])


@sets
def test_a_wrong_digest_is_refused_and_nothing_is_kept(
    name: str, server: Server
) -> None:
    file = server.known[name]["files"][0]
    kind, digest = file["hash"].split(":")
    file["hash"] = f"{kind}:{'0' * len(digest)}"
    with pytest.raises(ValueError, match=digest):
        datasets.load_images(name)
    assert server.kept() == []


def refused(name: str) -> str:
    with pytest.raises(ConnectionError) as caught:
        datasets.load_images(name)
    return str(caught.value)


@sets
def test_without_a_network_the_error_says_what_to_do(name: str, server: Server) -> None:
    for file in server.known[name]["files"]:
        file["url"] = "http://127.0.0.1:9/nobody-listens"
    message = refused(name)
    assert f"{name!r} must be downloaded from http://127.0.0.1:9/" in message
    assert "Use the bundled 'digits'" in message
    assert str(server.cache) in message
    assert server.kept() == []


@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
def test_a_missing_page_is_reported_alike(server: Server) -> None:
    server.known["mnist"]["files"][0]["url"] = f"{server.url}/nothing/0"
    message = refused("mnist")
    assert "must be downloaded" in message
    assert "which answers: 404" in message
    gc.collect()  # pooch leaves the refused answer open: close it here and not later
    assert server.kept() == []


@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
def test_a_download_that_breaks_off_is_no_missing_network(server: Server) -> None:
    server.breaks_off_after = 100
    message = refused("mnist")
    assert "broke off in the middle: try again" in message
    assert "cannot be reached" not in message
    gc.collect()
    assert server.kept() == []


def test_a_page_to_log_in_is_named_as_a_reason(server: Server) -> None:
    server.asks_to_log_in = True
    with pytest.raises(ValueError, match="a page to log in: open the address") as told:
        datasets.load_images("mnist")
    message = str(told.value)
    assert f"load_images: 'mnist' must be downloaded from {server.url}" in message
    assert "Use the bundled 'digits'" in message
    assert hashlib.sha256(LOGIN).hexdigest() in message
    assert server.kept() == []


def test_a_certificate_of_the_network_is_named_as_a_reason(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    def shows_another_certificate(*_: Any, **__: Any) -> str:
        raise requests.exceptions.SSLError("certificate verify failed")

    monkeypatch.setattr(pooch, "retrieve", shows_another_certificate)
    message = refused("mnist")
    assert "certificate that this machine doesn't trust" in message
    assert "REQUESTS_CA_BUNDLE" in message


def test_a_cache_that_cannot_be_written_is_no_missing_network(server: Server) -> None:
    server.cache.write_text("a file where the folder should be")
    with pytest.raises(OSError, match="cache") as caught:
        datasets.load_images("mnist")
    assert not isinstance(caught.value, ConnectionError)


def install(server: Server, folder: Path, contents: list[bytes]) -> None:
    """Put files where a package of the system would, and name them in the catalogue."""
    known = server.known["fashion-mnist"]["installed"] = []
    for index, content in enumerate(contents):
        path = folder / f"installed-{index}.gz"
        path.write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        known.append({"path": str(path), "hash": f"sha256:{digest}"})


def test_an_installed_package_needs_no_network(server: Server, tmp_path: Path) -> None:
    install(server, tmp_path, FILES["fashion-mnist"])
    loaded = datasets.load_images("fashion-mnist")
    np.testing.assert_array_equal(loaded.y_train, GREY[1])
    assert server.requests == 0


@pytest.mark.parametrize("damage", [Path.unlink, lambda path: path.write_bytes(b"?")])
def test_an_installed_package_of_other_bytes_does_not_count(
    server: Server, tmp_path: Path, damage: Any
) -> None:
    install(server, tmp_path, FILES["fashion-mnist"])
    damage(tmp_path / "installed-2.gz")
    loaded = datasets.load_images("fashion-mnist")
    np.testing.assert_array_equal(loaded.y_train, GREY[1])
    assert server.requests == len(FILES["fashion-mnist"])


def no_file(name: str) -> Path:
    raise FileNotFoundError(name)


def test_a_shipped_set_comes_from_the_repository_where_its_file_is_missing(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_shipped, "data_file", no_file)
    content = FILES["mnist"][0]
    digest = hashlib.sha256(content).hexdigest()
    server.known["fashion-part"]["shipped"] |= {
        "url": f"{server.url}/mnist/0",
        "hash": f"sha256:{digest}",
    }
    arrays = b"".join(array.tobytes() for array in GREY)
    server.known["fashion-part"]["sha256"] = hashlib.sha256(arrays).hexdigest()
    loaded = datasets.load_images("fashion-part")
    np.testing.assert_array_equal(loaded.y_test, GREY[3])
    assert server.requests == 1


def test_a_shipped_set_that_is_nowhere_says_what_to_do(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_shipped, "data_file", no_file)
    server.known["fashion-part"]["shipped"]["url"] = "http://127.0.0.1:9/nobody-listens"
    message = refused("fashion-part")
    assert "fashion_mnist_part.npz is not beside the package" in message
    assert "http://127.0.0.1:9/nobody-listens, which cannot be reached" in message
    assert str(server.cache) in message
    assert "Use the bundled 'digits'" in message

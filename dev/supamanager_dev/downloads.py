"""Programs downloaded from their projects' releases, each with the published checksum.

A download that fails in whatever way is told in one line and costs seconds: what is missing
afterwards is built with Go.
"""

from __future__ import annotations

import hashlib
import json
import queue
import re
import shutil
import ssl
import tarfile
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

import httpx

from supamanager_dev.errors import DevError
from supamanager_dev.progress import Progress
from supamanager_dev.releases import Release
from supamanager_dev.settings import Settings

# The whole time until it is known which hosts answer, looking their names up included.
_ANSWER_SECONDS: Final = 4.0
_CONNECT_SECONDS: Final = 3.0
_SILENCE_SECONDS: Final = 20.0
_SPEAK_EVERY: Final = 10.0
_CHUNK: Final = 1 << 20
_LONGEST_LIST: Final = 4 << 20
_SHA256: Final = r"[0-9a-f]{64}"


class NotDownloaded(DevError):
    """Says of which file, and why."""


def fetch(
    wanted: Iterable[Release],
    folder: Path,
    *,
    progress: Progress,
    settings: Settings | None = None,
) -> set[str]:
    """Put programs into a folder; returns the names of those that are there now.

    Why another is not is told in a line. A source whose URL is empty is not asked.
    """
    settings = settings or Settings.read()
    releases = [
        each
        for each in wanted
        if getattr(settings, each.source) and getattr(settings, each.checksum_source)
    ]
    found: set[str] = set()
    if not releases:
        return found
    complaints: list[str] = []
    trust = httpx.create_ssl_context()
    with _client(trust) as client:
        for release, checksum in _checksums(trust, releases, settings):
            try:
                if isinstance(checksum, NotDownloaded):
                    raise checksum
                url = f"{getattr(settings, release.source)}/{release.path}"
                _download(client, url, checksum, release, folder, progress)
            except NotDownloaded as reason:
                complaints.append(str(reason))
            else:
                found.add(release.program)
    for complaint in dict.fromkeys(complaints):
        progress(complaint)
    return found


def published(text: str, file: str) -> str | None:
    """The checksum of a file in what is published of it.

    That is the bare checksum, lines of `sha256sum`, or GitHub's description of a release.
    """
    if text.lstrip().startswith("{"):
        assets = json.loads(text).get("assets") or []
        digests = [each.get("digest") or "" for each in assets if each.get("name") == file]
        found = re.fullmatch(rf"sha256:({_SHA256})", digests[0]) if digests else None
        return found[1] if found else None
    if re.fullmatch(_SHA256, text.strip()):
        return text.strip()
    line = re.search(rf"^({_SHA256})[ \t]+\*?{re.escape(file)}\s*$", text, re.MULTILINE)
    return line[1] if line else None


def _client(trust: ssl.SSLContext) -> httpx.Client:
    return httpx.Client(
        verify=trust,
        timeout=httpx.Timeout(_SILENCE_SECONDS, connect=_CONNECT_SECONDS),
        follow_redirects=True,
        # An archive that is compressed once more on its way would have another size and checksum.
        headers={"Accept-Encoding": "identity"},
    )


def _checksums(
    trust: ssl.SSLContext, releases: list[Release], settings: Settings
) -> Iterator[tuple[Release, str | NotDownloaded]]:
    """All are asked for at once, so that hosts that do not answer cost their time only once."""
    urls = {
        release: f"{getattr(settings, release.checksum_source)}/{release.checksum_path}"
        for release in releases
    }
    answers: queue.SimpleQueue[tuple[str, str | NotDownloaded]] = queue.SimpleQueue()

    def ask(url: str) -> None:
        try:
            with _complaining(url), _client(trust) as client:
                answers.put((url, _small(client, url)))
        except NotDownloaded as reason:
            answers.put((url, reason))

    # Not a pool, whose threads the end of the process would wait for: one may look up a name.
    for url in set(urls.values()):
        threading.Thread(target=ask, args=(url,), daemon=True).start()
    deadline = time.monotonic() + _ANSWER_SECONDS
    known: dict[str, str | NotDownloaded] = {}
    while known.keys() != set(urls.values()):
        try:
            url, answer = answers.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            break
        known[url] = answer
    for release, url in urls.items():
        late = NotDownloaded(f"not downloaded: {_host(url)} does not answer")
        answer = known.get(url, late)
        if isinstance(answer, str):
            checksum = published(answer, release.file)
            answer = checksum or NotDownloaded(
                f"not downloaded: {url} tells no checksum of {release.file}"
            )
        yield release, answer


def _small(client: httpx.Client, url: str) -> str:
    with client.stream("GET", url) as response:
        response.raise_for_status()
        text = b""
        for chunk in response.iter_bytes():
            text += chunk
            if len(text) > _LONGEST_LIST:
                raise NotDownloaded(f"not downloaded: {url} is no list of checksums")
    return text.decode(errors="replace")


def _download(
    client: httpx.Client,
    url: str,
    checksum: str,
    release: Release,
    folder: Path,
    progress: Progress,
) -> None:
    progress(f"downloading {release.program} {release.version} from {_host(url)}")
    # Beside the programs and not among them until it is known to be right.
    with tempfile.TemporaryFile(dir=folder) as file:
        with _complaining(url), client.stream("GET", url) as response:
            response.raise_for_status()
            digest = _copy(response, file, progress)
        if digest != checksum:
            raise NotDownloaded(
                f"refused: the SHA-256 of {url} is {digest}, and published is {checksum}"
            )
        file.seek(0)
        target = folder / release.program
        try:
            _unpack(file, release.member, target)
        except (OSError, tarfile.TarError, KeyError) as error:
            target.unlink(missing_ok=True)
            raise NotDownloaded(f"not taken: {url} has no {release.member}: {error}") from error
        target.chmod(0o755)


def _copy(response: httpx.Response, file: IO[bytes], progress: Progress) -> str:
    """Returns the SHA-256."""
    total = int(response.headers.get("Content-Length") or 0)
    digest = hashlib.sha256()
    size, spoken = 0, time.monotonic()
    for chunk in response.iter_bytes(_CHUNK):
        file.write(chunk)
        digest.update(chunk)
        size += len(chunk)
        if time.monotonic() - spoken >= _SPEAK_EVERY:
            spoken = time.monotonic()
            of = f" of {total >> 20}" if total else ""
            progress(f"  {size >> 20}{of} MiB")
    return digest.hexdigest()


def _unpack(file: IO[bytes], member: str, target: Path) -> None:
    """The file, or the one of that name in it: nothing else of an archive is looked at."""
    with target.open("wb") as program:
        if not member:
            shutil.copyfileobj(file, program, _CHUNK)
            return
        with tarfile.open(fileobj=file, mode="r:gz") as archive:
            content = archive.extractfile(member)
            if content is None:
                raise KeyError(f"{member} is no file")
            shutil.copyfileobj(content, program, _CHUNK)


@contextmanager
def _complaining(url: str) -> Iterator[None]:
    try:
        yield
    except httpx.HTTPStatusError as error:
        raise NotDownloaded(
            f"not downloaded: {url} answers {error.response.status_code}"
        ) from error
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        reason = str(error) or "no connection in time"
        raise NotDownloaded(f"not downloaded: {_host(url)} does not answer: {reason}") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        reason = str(error) or type(error).__name__
        raise NotDownloaded(f"not downloaded: {url}: {reason}") from error


def _host(url: str) -> str:
    return httpx.URL(url).netloc.decode()

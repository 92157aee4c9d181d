"""Manifests in; what of them may still have to be published out. Pure.

A file is published unless a later manifest removed it. Every manifest says how far the log was published when it was
written, so that whoever starts looks back just that far, however many committers died.
"""

from eyeshot.commit_log import DataFile, Entry, Manifest, takes_out


class Window:
    """The end of the log: the tip, and everything that is not known to be published."""

    def __init__(self) -> None:
        self.tip: Entry | None = None
        self._manifests: dict[int, Manifest] = {}
        self._published: set[int] = set()

    @property
    def published_through(self) -> int:
        """Every manifest up to this number is known to be published; -1 when none is."""
        if self._manifests:
            return min(self._manifests) - 1
        return self.tip.manifest.sequence if self.tip else -1

    def append(self, entry: Entry) -> None:
        """Take up the log's next manifest, and what it knows of those before it."""
        manifest = entry.manifest
        self.tip = entry
        self._manifests[manifest.sequence] = manifest
        self._forget([number for number in self._manifests if number <= manifest.published_through])

    def published(self, sequence: int) -> None:
        """The files of this manifest exist. It is kept while an earlier one is open: it may have removed its files."""
        self._published.add(sequence)
        for number in sorted(self._manifests):
            if number not in self._published:
                return
            self._forget([number])

    def open(self) -> list[Manifest]:
        """The manifests that are not known to be published, oldest first."""
        return [manifest for number, manifest in sorted(self._manifests.items()) if number not in self._published]

    def to_publish(self, sequence: int) -> list[DataFile]:
        """The files of this manifest that must exist: none that a later manifest removed.

        None in a colder tier either: a rewriting exists before its commit, and a compactor cannot look there.
        """
        if sequence not in self._manifests:
            return []
        later = [manifest for number, manifest in self._manifests.items() if number > sequence]
        return [
            file
            for file in self._manifests[sequence].files
            if file.tier == "hot" and not any(takes_out(manifest, file, sequence) for manifest in later)
        ]

    def upload_ids(self) -> frozenset[str]:
        """Uploads that a manifest names and nobody is known to have completed."""
        return frozenset(file.upload_id for manifest in self._manifests.values() for file in manifest.files)

    def _forget(self, numbers: list[int]) -> None:
        for number in numbers:
            del self._manifests[number]
            self._published.discard(number)

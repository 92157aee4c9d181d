"""The commit log in; the days' places as they are at its end, out."""

from services.partitioner.places import Places
from services.partitioner.ports import LogUnavailable, ManifestLog


async def follow(log: ManifestLog, places: Places) -> int:
    """Take up every manifest that was committed meanwhile; how many they were. Raises LogUnavailable."""
    read = 0
    while manifests := await log.after(places.sequence):
        for manifest in manifests:
            try:
                places.append(manifest)
            except ValueError as hole:
                raise LogUnavailable(f"the commit log is damaged: {hole}; make audit") from None
        read += len(manifests)
    return read

"""What a vandal can do to a lake; each says where it did it."""

from collections.abc import Callable

import msgspec

from eyeshot.commit_log import Manifest
from eyeshot.table import TIP_HINT_KEY, manifest_key
from tests.audit.lakes import Vandal, data_keys, manifests

Vandalism = Callable[[Vandal], str]


def body(vandal: Vandal, key: str) -> bytes:
    found = vandal.lake.get(key)
    assert found is not None
    return found


def delete_an_object(vandal: Vandal) -> str:
    key = data_keys(vandal)[1]
    vandal.delete(key)
    return key


def copy_an_object(vandal: Vandal) -> str:
    key = data_keys(vandal)[0]
    copy = key.replace(".parquet", "-copy.parquet")
    vandal.put(copy, body(vandal, key))
    return copy


def truncate_the_end(vandal: Vandal) -> str:
    key = data_keys(vandal)[0]
    vandal.put(key, body(vandal, key)[:-9])
    return key


def truncate_to_nothing(vandal: Vandal) -> str:
    key = data_keys(vandal)[0]
    vandal.put(key, b"")
    return key


def flip_one_bit(vandal: Vandal) -> str:
    key = data_keys(vandal)[0]
    whole = bytearray(body(vandal, key))
    whole[40] ^= 1
    vandal.put(key, bytes(whole))
    return key


def replace_by_another_commits_file(vandal: Vandal) -> str:
    key, other = data_keys(vandal)[:2]
    vandal.put(key, body(vandal, other))
    return key


def edit(vandal: Vandal, number: int, change: Callable[[Manifest], Manifest]) -> str:
    """Rewrite a manifest as somebody would who knows the format."""
    key = manifest_key(number)
    changed = change(msgspec.json.decode(body(vandal, key), type=Manifest))
    vandal.put(key, msgspec.json.format(msgspec.json.encode(changed), indent=1))
    return key


def forget_a_file(manifest: Manifest) -> Manifest:
    return msgspec.structs.replace(manifest, files=manifest.files[1:])


def other_range(manifest: Manifest) -> Manifest:
    first = msgspec.structs.replace(manifest.consumed[0], next=manifest.consumed[0].next + 1)
    ahead = manifest.next_offsets | {first.partition: first.next}
    return msgspec.structs.replace(manifest, consumed=(first, *manifest.consumed[1:]), next_offsets=ahead)


def edit_a_manifest(vandal: Vandal) -> str:
    return edit(vandal, 1, forget_a_file)


def edit_the_newest_manifest(vandal: Vandal) -> str:
    return edit(vandal, 2, forget_a_file)


def edit_the_newest_manifest_and_its_hint(vandal: Vandal) -> str:
    vandal.delete(TIP_HINT_KEY)
    return edit(vandal, 2, other_range)


def garble_a_manifest(vandal: Vandal) -> str:
    vandal.put(manifest_key(1), b"{")
    return manifest_key(1)


def swap_two_manifests(vandal: Vandal) -> str:
    one, two = body(vandal, manifest_key(0)), body(vandal, manifest_key(1))
    vandal.put(manifest_key(0), two)
    vandal.put(manifest_key(1), one)
    return manifest_key(0)


def delete_a_manifest(vandal: Vandal) -> str:
    vandal.delete(manifest_key(1))
    return manifest_key(1)


def delete_the_first_manifest(vandal: Vandal) -> str:
    vandal.delete(manifest_key(0))
    return manifest_key(0)


def delete_the_newest_manifest(vandal: Vandal) -> str:
    vandal.delete(manifest_key(2))
    return manifest_key(2)


def delete_the_newest_manifest_and_its_hint(vandal: Vandal) -> str:
    named = next(file.key for file in manifests(vandal)[-1].files if file.table == "events")
    vandal.delete(manifest_key(2))
    vandal.delete(TIP_HINT_KEY)
    return named


def leave_something_behind(vandal: Vandal) -> str:
    key = "events/year=2025/month=11/day=25/notes.txt"
    vandal.put(key, b"to do")
    return key


def leave_something_in_the_log(vandal: Vandal) -> str:
    vandal.put("_log/events/notes.txt", b"to do")
    return "_log/events/notes.txt"


def move_to_another_day(vandal: Vandal) -> str:
    key = data_keys(vandal)[0]
    moved = key.replace("day=25", "day=24")
    vandal.put(moved, body(vandal, key))
    vandal.delete(key)
    return moved


VANDALISMS: list[tuple[Vandalism, str]] = [
    (delete_an_object, "deleted object"),
    (copy_an_object, "duplicated object"),
    (truncate_the_end, "truncated object"),
    (truncate_to_nothing, "truncated object"),
    (flip_one_bit, "altered object"),
    (replace_by_another_commits_file, "altered object"),
    (edit_a_manifest, "edited manifest"),
    (edit_the_newest_manifest, "edited manifest"),
    (edit_the_newest_manifest_and_its_hint, "edited manifest"),
    (garble_a_manifest, "edited manifest"),
    (swap_two_manifests, "edited manifest"),
    (delete_a_manifest, "missing manifest"),
    (delete_the_first_manifest, "missing manifest"),
    (delete_the_newest_manifest, "missing manifest"),
    (delete_the_newest_manifest_and_its_hint, "stray object"),
    (leave_something_behind, "stray object"),
    (leave_something_in_the_log, "stray object"),
    (move_to_another_day, "wrong day"),
]

"""A schedule is the seed's and nobody else's, and all kinds of faults are in few of them."""

from itertools import islice
from typing import get_args

from eyeshot.fail_point import COMPACTOR_STEPS
from tests.chaos.compactor.faults import request_of
from tests.chaos.compactor.messages import Messages
from tests.chaos.compactor.schedule import Answer, Kind, Request, answers, lives, schedule

SECONDS = 24.0


def test_the_same_seed_gives_the_same_run():
    assert schedule(7, SECONDS, 40) == schedule(7, SECONDS, 40)
    assert list(islice(lives(7, 1), 50)) == list(islice(lives(7, 1), 50))
    assert list(islice(answers(7, "commit"), 50)) == list(islice(answers(7, "commit"), 50))
    first, second = Messages(7), Messages(7)
    assert [first.next() for _ in range(50)] == [second.next() for _ in range(50)]


def test_another_seed_gives_another_run():
    assert schedule(7, SECONDS, 40).faults != schedule(8, SECONDS, 40).faults
    assert list(islice(lives(7, 0), 20)) != list(islice(lives(8, 0), 20))


def test_every_kind_of_fault_is_in_four_runs():
    planned = [schedule(seed, SECONDS, 40) for seed in range(4)]

    assert {fault.kind for each in planned for fault in each.faults} == set(get_args(Kind))
    assert {each.compactors for each in planned} == {1, 2, 3}


def test_every_fault_lies_within_the_run():
    assert all(0 <= fault.at_seconds <= SECONDS for seed in range(50) for fault in schedule(seed, SECONDS, 40).faults)


def test_every_step_and_a_lost_upload_come_up_in_a_compactors_lives():
    begun = list(islice(lives(3, 0), 100))

    assert {life.fail_point.split(":")[0] for life in begun} == set(COMPACTOR_STEPS)
    assert any(life.lose_uploads for life in begun)


def test_every_answer_is_given_to_every_request_sooner_or_later():
    for request in get_args(Request):
        assert set(islice(answers(1, request), 2_000)) == {None, *get_args(Answer)}


def test_request_lines_are_the_steps_of_the_protocol():
    lines = {
        "PUT /lake/_log/events/00000000000000000001.json": "commit",
        "PUT /lake/_log/events-tip.json": "other",
        "POST /lake/events/year%3D2026/a.parquet?uploads": "start",
        "PUT /lake/events/a.parquet?uploadId=1&partNumber=1": "part",
        "POST /lake/events/a.parquet?uploadId=1": "complete",
        "DELETE /lake/events/a.parquet?uploadId=1": "abort",
        "HEAD /lake/events/a.parquet": "look",
        "GET /lake?list-type=2&prefix=_log%2Fevents%2F": "read",
    }
    assert {line: request_of(line) for line in lines} == lines


def test_messages_say_how_many_rows_they_make():
    messages = Messages(1)
    made = [messages.next() for _ in range(300)]

    assert len({message.name for message in made}) < len(made), "none was sent again"
    assert {message.value: message for message in made}.keys() == {message.value for message in made}
    assert all(message.name.encode() in message.value and message.events >= 1 for message in made)

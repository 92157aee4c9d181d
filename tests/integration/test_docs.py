"""What the docs tell a newcomer to run: the ten questions and the example producer, against the running stack."""

import asyncio
import re
import secrets
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deploy import query
from examples.produce import produce
from tests.builders import batch, event
from tests.running import RunningStack

DOCS = Path(__file__).parents[2] / "docs" / "sql.md"
QUESTIONS = re.findall(r"^### (.*?)\n(?:.*?\n)*?```sql\n(.*?)```", DOCS.read_text(), re.MULTILINE | re.DOTALL)
DAY_IN_DOCS = "year = '2026' AND month = '11' AND day = '25'"


@pytest.fixture(scope="module")
def answers(stack: RunningStack) -> RunningStack:
    """A stack in which every question has something to find."""
    page_view = secrets.token_urlsafe(16)
    events = [event(vr=0.8, vd=1200), event(et="link_click"), event(et="widget_impression", pl="widget", campaign="x")]
    stack.send(batch(pv=page_view, e=[*events, event(ts="never")]))
    stack.rows(page_view, count=len(events))
    return stack


def test_there_are_ten_questions():
    assert len(QUESTIONS) == 10


@pytest.mark.parametrize(("question", "statement"), QUESTIONS, ids=[question for question, _ in QUESTIONS])
def test_a_question_of_the_docs_has_an_answer(answers: RunningStack, question: str, statement: str):
    assert DAY_IN_DOCS in statement, f"{question} does not name the day that the others name"
    today = statement.replace(DAY_IN_DOCS, f"year = '{datetime.now(UTC):%Y}' AND month = '{datetime.now(UTC):%m}'")
    result = query.run(answers.stack, today)
    assert result.rows
    assert any(value is not None for value in result.rows[0])


def test_what_the_example_produces_arrives(stack: RunningStack):
    kafka = stack.stack.kafka("producer")
    sent = asyncio.run(produce(kafka.bootstrap, kafka.topic, kafka.user, kafka.password))
    rows = stack.select("SELECT event_type, extra FROM events WHERE year >= '2000' AND site = 'shop'", count=sent)
    assert sorted(row["event_type"] for row in rows) == ["link_impression"] * 3 + ["mail_opened"]
    assert [row["extra"] for row in rows if row["extra"]] == ['{"experiment":"B"}']

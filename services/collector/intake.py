"""/v1/events as a plain ASGI callable: for what the hot protocol leaves to uvicorn, and for other servers."""

import asyncio

from starlette.types import Receive, Scope, Send

from services.collector import answers
from services.collector.answers import Answer
from services.collector.post import Desk, Post, Respond


class Intake(Desk):
    """Judges, protects and stores what browsers post."""

    stopping = False

    def stop(self) -> None:
        """From now on answers close their connections, so that clients come back to somebody else."""
        self.stopping = True

    def open(self, respond: Respond) -> Post:
        """A request began; `respond` is called with its answer, once."""
        return Post(self, respond)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        answered: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        post = self.open(lambda answer: None if answered.done() else answered.set_result(answer))
        post.begin(scope["method"], scope["client"][0] if scope.get("client") else None, list(scope["headers"]))
        try:
            async with asyncio.timeout(self.settings.body_seconds):
                await _read(post, receive)
        except TimeoutError:
            post.too_late()
        answer = await answered
        close = answer.close or self.stopping
        await send(
            {
                "type": "http.response.start",
                "status": answer.status,
                "headers": answers.headers(answer, post.origin, close=close),
            }
        )
        await send({"type": "http.response.body", "body": answer.body})


async def _read(post: Post, receive: Receive) -> None:
    while not post.answered:
        message = await receive()
        if message["type"] == "http.disconnect":
            post.gone()
            return
        post.feed(message.get("body", b""))
        if not message.get("more_body", False):
            post.end()
            return

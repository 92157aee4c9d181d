"""What can be turned in the demo."""

from typing import Annotated

import msgspec
from msgspec import Meta

from eyeshot.settings import Host, Log, Port, setting

Origin = Annotated[str, Meta(pattern=r"^https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?$")]


class Demo(msgspec.Struct, frozen=True, kw_only=True):
    """Where the two sites are, and which collector they use."""

    host: Annotated[Host, setting("The address both sites listen on")] = "127.0.0.1"
    page_port: Annotated[Port, setting("The port of the publisher's page")] = 8401
    widget_port: Annotated[Port, setting("The port of the widget")] = 8402
    collector_url: Annotated[Origin, setting("The collector, as the browser reaches it")] = "http://127.0.0.1:8400"
    page_origin: Annotated[Origin, setting("The page's origin, as the browser sees it")] = "http://127.0.0.1:8401"
    widget_origin: Annotated[Origin, setting("The widget's origin; another host is another site")] = (
        "http://localhost:8402"
    )

    def __post_init__(self) -> None:
        if self.page_origin == self.widget_origin:
            raise ValueError(f"WIDGET_ORIGIN is `{self.widget_origin}`, but must be another origin than the page's")


class DemoSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Every setting of the demo."""

    demo: Demo
    log: Log

"""Each of our services' environment in the native stack, checked by the service's own settings beforehand."""

from collections.abc import Mapping

import msgspec

from demo.settings import DemoSettings
from deploy.stack import HOST, Stack
from eyeshot.settings import Kafka, describe, load, variable
from services.collector.settings import CollectorSettings
from services.compactor.settings import CompactorSettings
from services.keeper.settings import KeeperSettings
from services.partitioner.settings import PartitionerSettings
from services.rollup.settings import RollupSettings

SETTINGS: dict[str, type[msgspec.Struct]] = {
    "collector": CollectorSettings,
    "compactor": CompactorSettings,
    "keeper": KeeperSettings,
    "partitioner": PartitionerSettings,
    "rollup": RollupSettings,
    "demo": DemoSettings,
}
# A newcomer sees rows after seconds; production keeps the default of 15 minutes.
LOCAL_DEFAULTS = {"COMPACTOR_FLUSH_SECONDS": "10"}


def environments(stack: Stack) -> dict[str, dict[str, str]]:
    """Each service's variables: those typed by the user, then the stack's own addresses and keys.

    Raises SettingError when a service would refuse them.
    """
    services = [service for service in SETTINGS if stack.demo or service != "demo"]
    made = {service: _typed(service, stack.variables) | _fixed(service, stack) for service in services}
    for service in services:
        load(SETTINGS[service], made[service])
    return made


def _typed(service: str, variables: Mapping[str, str]) -> dict[str, str]:
    known = {setting.variable for setting in describe(SETTINGS[service])}
    return {name: value for name, value in (LOCAL_DEFAULTS | dict(variables)).items() if name in known}


def _fixed(service: str, stack: Stack) -> dict[str, str]:
    """The addresses and keys that make it this stack's service."""
    ports = stack.ports
    if service == "demo":
        return _demo(stack)
    own = {f"{service.upper()}_HOST": HOST, f"{service.upper()}_PORT": str(ports[f"{service.upper()}_PORT"])}
    if service != "partitioner":
        own |= _kafka(stack.kafka(service))
    if service == "collector":
        own["SPOOL_FOLDER"] = str(stack.state / "spool")  # one per stack: a spool without an owner is adopted
    if service != "collector":
        access, secret = stack.keys(service)
        own |= {"S3_ENDPOINT": stack.s3_endpoint, "S3_ACCESS_KEY": access, "S3_SECRET_KEY": secret}
    if service == "partitioner":
        own |= {"METASTORE_HOST": HOST, "METASTORE_PORT": str(ports["METASTORE_PORT"])}
    if service == "rollup":
        own |= {"TRINO_HOST": HOST, "TRINO_PORT": str(ports["TRINO_PORT"])}
        own |= {"DATABASE_HOST": HOST, "DATABASE_PORT": str(ports["POSTGRES_PORT"])}
        own |= {"DATABASE_PASSWORD": stack.variables["ROLLUP_DB_PASSWORD"]}
    return own


def _kafka(kafka: Kafka) -> dict[str, str]:
    return {variable("kafka", field): value for field, value in msgspec.structs.asdict(kafka).items()}


def _demo(stack: Stack) -> dict[str, str]:
    """The widget's origin is another site than the page's, so that its frame is a cross-site one."""
    page, widget = stack.ports["DEMO_PAGE_PORT"], stack.ports["DEMO_WIDGET_PORT"]
    return {
        "DEMO_HOST": HOST,
        "DEMO_PAGE_PORT": str(page),
        "DEMO_WIDGET_PORT": str(widget),
        "DEMO_COLLECTOR_URL": stack.collector_url,
        "DEMO_PAGE_ORIGIN": stack.page_url,
        "DEMO_WIDGET_ORIGIN": f"http://localhost:{widget}",
    }

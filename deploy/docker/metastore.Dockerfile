# The Hive metastore from its Maven artefacts: the standalone server, the jars it expects from a Hadoop install, our file system.
FROM maven:3.9-eclipse-temurin-17 AS parts
WORKDIR /build
COPY deploy/hive/pom.xml ./
RUN --mount=type=cache,target=/root/.m2 \
    mvn -q -B -Ddist=/build/dist package \
 && mkdir server && tar -xzf dist/hms/hms.tar.gz -C server --strip-components 1 \
 && mkdir -p /metastore && mv server/lib dist/hms/extra server/scripts /metastore/
COPY deploy/hive/NoopFileSystem.java ./
RUN javac -cp '/metastore/extra/*' -d classes NoopFileSystem.java && jar cf /metastore/noop-file-system.jar -C classes .

FROM eclipse-temurin:17-jre
# Hadoop asks the system for the user's name, so a bare number would not do; USER stays numeric for runAsNonRoot.
RUN useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin metastore
COPY --from=parts /metastore /opt/metastore
COPY --chmod=755 deploy/docker/metastore-start /opt/metastore/start
ENV METASTORE_HOME=/opt/metastore
USER 10001:10001
EXPOSE 9083
CMD ["/opt/metastore/start"]

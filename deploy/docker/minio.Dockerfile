# The official image with a /data that belongs to user 1000: a new named volume takes its owner from there.
FROM python:3.12-slim AS folders
RUN mkdir -p /root-of-image/data && chown 1000:1000 /root-of-image/data

FROM minio/minio:RELEASE.2025-09-07T16-13-09Z
COPY --from=folders /root-of-image/ /
USER 1000:1000

# One image for every service of ours; the command says which: python -m services.collector.
FROM node:20-slim AS sdk
WORKDIR /sdk
COPY sdk/package.json sdk/package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm ci --no-audit --no-fund
COPY sdk/ ./
RUN npm run build

FROM python:3.12-slim AS environment
RUN python -m venv --without-pip /opt/python
COPY requirements.lock ./
RUN --mount=type=cache,target=/root/.cache/pip pip --python /opt/python/bin/python install --require-hashes -r requirements.lock

FROM python:3.12-slim
ENV PATH=/opt/python/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOME=/tmp
WORKDIR /eyeshot
COPY --from=environment /opt/python /opt/python
COPY deploy/*.py deploy/
COPY demo/ demo/
COPY eyeshot/ eyeshot/
COPY services/ services/
RUN python -m compileall -q .
COPY --from=sdk /sdk/dist sdk/dist
COPY --chmod=755 deploy/docker/health/service /health
# The folder gets its owner here: a new named volume takes it over.
RUN install -d -o 10001 -g 10001 /spool
USER 10001:10001

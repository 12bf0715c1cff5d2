# Wenheng in a container: locked dependencies, non-root, read-only root file system, one volume at /data.
# docker build -t wenheng .            (docs/operations.md says how to run it)
FROM python:3.11-slim AS build
# Where torch comes from, empty for the usual index; the index of its CPU builds saves gigabytes on x86-64.
ARG TORCH_INDEX=""
WORKDIR /src
RUN python -m venv /opt/wenheng
RUN /opt/wenheng/bin/pip install --no-cache-dir ${TORCH_INDEX:+--index-url "$TORCH_INDEX"} torch==2.13.0
COPY pyproject.toml constraints.txt README.md ./
COPY corpus corpus
COPY prompts prompts
COPY service service
COPY eval eval
RUN /opt/wenheng/bin/pip install --no-cache-dir -c constraints.txt . && /opt/wenheng/bin/pip check
# What was installed, against the lock: a package that is not in it fails the build.
RUN /opt/wenheng/bin/pip freeze --exclude wenheng --exclude torch \
    | sed 's/+.*//' | tr 'A-Z_' 'a-z-' | sort > installed.txt \
    && tr 'A-Z_' 'a-z-' < constraints.txt | sort > locked.txt \
    && ! comm -23 installed.txt locked.txt | grep .
# The model's kernels for wider x86 processors; each container takes those of its machine (some two minutes).
RUN if [ "$(uname -m)" = x86_64 ]; then \
    apt-get update && apt-get install -y --no-install-recommends g++ make \
    && WENHENG_HOME=/tmp/home WENHENG_MODELS=/tmp/models /opt/wenheng/bin/wenheng models --engine all; fi

FROM python:3.11-slim
# 1 adds LibreOffice, which only old .doc and .rtf files need (about 400 MB).
ARG OFFICE=0
# libgomp1 is what the model server's library takes from the system; all else lies in the packages.
RUN apt-get update \
    && apt-get install -y --no-install-recommends libgomp1 $([ "$OFFICE" = 1 ] && echo libreoffice-writer-nogui) \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --uid 10001 --user-group --home-dir /data --no-create-home --shell /usr/sbin/nologin wenheng \
    && mkdir /data && chown wenheng:wenheng /data && chmod 700 /data
COPY --from=build /opt/wenheng /opt/wenheng
# All that is written lies under /data, or in /tmp, which is to be a tmpfs.
ENV PATH=/opt/wenheng/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    WENHENG_HOME=/data/home \
    WENHENG_MODELS=/data/models \
    WENHENG_HOST=0.0.0.0 \
    WENHENG_PORT=8788 \
    XDG_CACHE_HOME=/tmp/cache \
    HF_HOME=/tmp/cache/huggingface \
    NICEGUI_STORAGE_PATH=/tmp/nicegui
USER wenheng
WORKDIR /data
VOLUME ["/data"]
EXPOSE 8788
STOPSIGNAL SIGTERM
# The first start fetches 1.2 GB of models: until then the container is "starting", not "unhealthy".
HEALTHCHECK --interval=30s --timeout=5s --start-period=30m --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8788/readyz', timeout=4)"]
ENTRYPOINT ["wenheng"]
CMD ["serve", "--users"]

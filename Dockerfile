# The command line in a container: non-root, data and models in volumes.
FROM python:3.11-slim
RUN useradd --create-home --uid 10001 wenheng \
    && mkdir /data /models && chown wenheng:wenheng /data /models
WORKDIR /app
COPY pyproject.toml constraints.txt README.md ./
RUN pip install --no-cache-dir torch==2.13.0
COPY corpus corpus
COPY service service
COPY prompts prompts
COPY eval eval
RUN pip install --no-cache-dir -c constraints.txt .
USER wenheng
ENV WENHENG_HOME=/data WENHENG_MODELS=/models
VOLUME ["/data", "/models"]
ENTRYPOINT ["wenheng"]
CMD ["--help"]

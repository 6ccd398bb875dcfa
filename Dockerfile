# A production image: no embedded databases, so MONGODB_URI and REDIS_URL have to be set.
FROM python:3.11-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 \
    UV_NO_CACHE=1 UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 VIRTUAL_ENV=/app/.venv
RUN pip install uv==0.13.8 && uv venv /app/.venv
WORKDIR /app
# Packages before sources: a change of the code does not install them again.
COPY pyproject.toml requirements.lock README.md ./
# The lock as constraints: its versions and hashes hold, but only what production needs is installed.
RUN uv pip install --compile-bytecode --constraint requirements.lock --requirement pyproject.toml
COPY . .
RUN uv pip install --no-deps --editable . && python -m compileall -q models schema compat_rest server

FROM python:3.11-slim-bookworm
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    HOST=0.0.0.0 PORT=8000 LOCKSTEP_DATA=/data LOCKSTEP_DEMO=0
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin lockstep \
    && install --directory --owner=lockstep --mode=0700 /data
COPY --from=build /app /app
WORKDIR /app
USER 10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=10s --start-period=5s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as web; web.urlopen('http://127.0.0.1:' + os.environ['PORT'] + '/health', timeout=9)"]
ENTRYPOINT ["lockstep"]
CMD ["serve"]

# desk, actions, worker and the command line. Build from the repository's root:
#   docker build -f deploy/app.Dockerfile -t bonretour-app:VERSION .
# For production pin each FROM by its digest.
FROM node:20-slim AS widget
WORKDIR /build
COPY widget/package.json widget/package-lock.json widget/
RUN npm --prefix widget ci --silent
COPY widget widget
RUN npm --prefix widget run --silent build

FROM python:3.12-slim AS packages
COPY requirements/app.lock .
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes -r app.lock

FROM python:3.12-slim
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends postgresql-client \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 bonretour \
    && useradd --uid 10001 --gid 10001 --no-create-home bonretour \
    && install -d -o 10001 -g 10001 -m 700 /var/lib/bonretour
COPY --from=packages /venv /venv
WORKDIR /srv/bonretour
COPY actions actions
COPY bot bot
COPY cli cli
COPY data data
COPY desk desk
COPY docs/schemas docs/schemas
COPY returns returns
COPY worker worker
COPY domain.yml shop.yml ./
COPY --from=widget /build/widget/dist widget/dist
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    BONRETOUR_VAR=/var/lib/bonretour BONRETOUR_ENV=production
USER 10001:10001
EXPOSE 8000 8055 9464
CMD ["python", "-m", "desk"]

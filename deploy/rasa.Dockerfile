# Rasa with its model inside, trained at build time. Build from the repository's root:
#   docker build -f deploy/rasa.Dockerfile -t bonretour-rasa:VERSION .
# Rasa 3.6.21 needs Python 3.10. For production pin FROM by its digest.
FROM python:3.10-slim AS packages
COPY requirements/rasa.lock .
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes -r rasa.lock

FROM python:3.10-slim
RUN groupadd --gid 10001 bonretour \
    && useradd --uid 10001 --gid 10001 --no-create-home bonretour
COPY --from=packages /venv /venv
WORKDIR /srv/bonretour
COPY bot bot
COPY data data
COPY config.yml credentials.yml domain.yml endpoints.yml ./
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOME=/tmp \
    RASA_TELEMETRY_ENABLED=false MPLCONFIGDIR=/tmp
RUN install -d /srv/model && python -m bot.train /srv/model/model.tar.gz && chmod -R a+rX,a-w /srv/model
ENV BONRETOUR_MODEL=/srv/model/model.tar.gz
USER 10001:10001
EXPOSE 8005
CMD ["python", "-m", "bot"]

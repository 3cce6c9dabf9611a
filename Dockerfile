# One image for the web server, the control worker and the child workers.
FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 VAR_DIR=/srv/var NOS_DATA_DIR=/srv/data
WORKDIR /srv/app

COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt

COPY . .
# Nothing runs as root; both folders are volumes.
RUN useradd --create-home nos && mkdir -p /srv/var /srv/data && chown -R nos:nos /srv/var /srv/data
USER nos
EXPOSE 8000

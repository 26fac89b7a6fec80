"""deploy/ against the code it starts: names, ports, files, what no container may."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from returns.settings import ROOT

DEPLOY = ROOT / "deploy"
MANIFESTS = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
DOCKERFILES = sorted(DEPLOY.glob("*.Dockerfile"))
ROOMS = ("actions", "bot", "cli", "desk", "returns", "worker")
PORTS = {"desk": 8000, "rasa": 8005, "actions": 8055, "worker": 9464, "redis": 6379}
KINDS = {
    "Namespace": "v1",
    "ConfigMap": "v1",
    "PersistentVolumeClaim": "v1",
    "Service": "v1",
    "Deployment": "apps/v1",
    "StatefulSet": "apps/v1",
    "Job": "batch/v1",
    "PodDisruptionBudget": "policy/v1",
    "NetworkPolicy": "networking.k8s.io/v1",
}
# What an app process refuses to start without in production.
NEEDED = ("PRIVATE", "CODES", "AUDIT", "VAULT", "PHOTOS")


def documents() -> list[dict[str, Any]]:
    return [
        document
        for path in MANIFESTS
        for document in yaml.safe_load_all(path.read_text(encoding="utf-8"))
    ]


def of_kind(kind: str) -> list[dict[str, Any]]:
    return [one for one in documents() if one["kind"] == kind]


def named(kind: str, name: str) -> dict[str, Any]:
    (found,) = (one for one in of_kind(kind) if one["metadata"]["name"] == name)
    return found


def pods() -> Iterator[tuple[str, dict[str, Any]]]:
    for kind in ("Deployment", "StatefulSet", "Job"):
        for one in of_kind(kind):
            yield one["metadata"]["name"], one["spec"]["template"]


def compose() -> dict[str, Any]:
    text = (DEPLOY / "compose.yml").read_text(encoding="utf-8")
    told: dict[str, Any] = yaml.safe_load(text)
    return told


def known_variables() -> set[str]:
    """Every variable that the code or Rasa's files name."""
    found: set[str] = set()
    files = [p for room in ROOMS for p in (ROOT / room).rglob("*.py")]
    for path in [*files, ROOT / "endpoints.yml", ROOT / "credentials.yml"]:
        text = path.read_text(encoding="utf-8")
        found |= set(re.findall(r"BONRETOUR_[A-Z_]+[A-Z]", text))
        for name in re.findall(r"secret\(\"(\w+)\"\)", text):
            found.add(f"BONRETOUR_SECRET_{name.upper()}")
    slugs = yaml.safe_load((ROOT / "shop.yml").read_text(encoding="utf-8"))["suppliers"]
    for supplier in slugs.values():
        for what in ("SUPPLIER", "WEBHOOK"):
            found.add(f"BONRETOUR_SECRET_{what}_{supplier['slug'].upper()}")
    return found


def environments() -> dict[str, dict[str, str]]:
    """What each process is told, in compose.yml and in the manifests."""
    services = compose()["services"]
    told = {
        f"compose:{name}": service["environment"]
        for name, service in services.items()
        if "bonretour-" in service["image"]
    }
    for name, template in pods():
        (container,) = template["spec"]["containers"]
        own = {one["name"]: one.get("value", "x") for one in container.get("env", [])}
        for source in container.get("envFrom", []):
            own |= named("ConfigMap", source["configMapRef"]["name"])["data"]
        if "bonretour-" in container["image"]:
            told[f"kubernetes:{name}"] = own
    return told


@pytest.mark.parametrize("who", sorted(environments()))
def test_every_variable_is_one_that_is_read(who: str) -> None:
    """A misspelt one would be silence; a secret comes as a file, never as a value."""
    known, environment = known_variables(), environments()[who]
    for name, value in environment.items():
        assert isinstance(value, str), f"{name} must be text"
        assert name.removesuffix("_FILE") in known, name
        if "SECRET" in name or name.removesuffix("_FILE").endswith("DATABASE_URL"):
            assert name.endswith("_FILE"), name
            assert value.startswith("/run/secrets/"), value
    if not who.endswith("rasa"):
        for secret in NEEDED:
            assert f"BONRETOUR_SECRET_{secret}_FILE" in environment
        assert environment["BONRETOUR_ENV"] == "production"
    else:
        for name in ("RASA_DATABASE_URL_FILE", "RASA_LOCK_URL", "ACTIONS_URL"):
            assert f"BONRETOUR_{name}" in environment
        assert environment["BONRETOUR_RASA_LOCK_URL"].startswith("redis://")


@pytest.mark.parametrize("who", sorted(environments()))
def test_addresses_and_ports_fit(who: str) -> None:
    """Where one process looks for another is where that one listens."""
    environment = environments()[who]
    for kind, variable in (("RASA", "rasa"), ("ACTIONS", "actions")):
        url = environment.get(f"BONRETOUR_{kind}_URL")
        assert url in (None, f"http://{variable}:{PORTS[variable]}")
    wanted = {"": "desk", "RASA_": "rasa", "ACTIONS_": "actions", "METRICS_": "worker"}
    for part, kind in wanted.items():
        port = environment.get(f"BONRETOUR_{part}PORT")
        assert port in (None, str(PORTS[kind]))


def test_services_lead_to_containers() -> None:
    """Selector, name and port of each fit a container's."""
    containers = {name: t["spec"]["containers"][0] for name, t in pods()}
    for service in of_kind("Service"):
        name = service["metadata"]["name"]
        (port,) = service["spec"]["ports"]
        assert service["spec"]["selector"] == {"app": name}
        assert port["port"] == port["targetPort"] == PORTS[name]
        assert containers[name]["ports"] == [{"containerPort": PORTS[name]}]
    for name, template in pods():
        assert template["metadata"]["labels"] == {"app": name}


def test_every_document_is_of_a_kind_and_place_we_know() -> None:
    """apiVersion fits the kind; all lie in our namespace; none holds a secret."""
    for one in documents():
        assert KINDS[one["kind"]] == one["apiVersion"], one["kind"]
        if one["kind"] != "Namespace":
            assert one["metadata"]["namespace"] == "bonretour"
    for name, template in pods():
        for volume in template["spec"].get("volumes", []):
            if "persistentVolumeClaim" in volume:
                named("PersistentVolumeClaim", "written")
            if "secret" in volume:
                assert volume["secret"]["defaultMode"] & 0o027 == 0, name


def test_no_container_is_root_or_writes_its_own_disk() -> None:
    """Read-only, no capabilities, no way up; in compose as in Kubernetes."""
    for name, template in pods():
        spec = template["spec"]
        assert spec["automountServiceAccountToken"] is False
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["seccompProfile"]["type"] == "RuntimeDefault"
        (container,) = spec["containers"]
        own = container["securityContext"]
        assert own["runAsNonRoot"] and own["readOnlyRootFilesystem"], name
        assert own["allowPrivilegeEscalation"] is False
        assert own["capabilities"] == {"drop": ["ALL"]}
        assert container["resources"]["limits"]["memory"]
    for name, service in compose()["services"].items():
        assert service["read_only"] is True, name
        assert service["user"].split(":")[0] not in ("", "0", "root")
        assert service["cap_drop"] == ["ALL"]
        assert "no-new-privileges:true" in service["security_opt"]
        assert "ports" not in service, "nothing is published but by your proxy"
        assert not service.get("privileged")
    for path in DOCKERFILES:
        last = path.read_text(encoding="utf-8").rpartition("\nFROM ")[2]
        assert re.search(r"^USER 10001:10001$", last, re.MULTILINE), path.name


def test_every_process_is_asked_how_it_is() -> None:
    """Probes on the ports that are served; paths that exist."""
    paths = {"desk": "/livez", "rasa": "/ready", "actions": "/health"}
    for name, template in pods():
        (container,) = template["spec"]["containers"]
        if name in ("migrate", "redis"):
            continue
        for probe in ("livenessProbe", "readinessProbe"):
            asked = container[probe].get("httpGet") or container[probe]["tcpSocket"]
            assert asked["port"] == PORTS[name], (name, probe)
            assert asked.get("path") in (None, paths.get(name, "/metrics"))
    for name, service in compose()["services"].items():
        if name != "migrate":
            assert service["healthcheck"]["test"][0] == "CMD", name


def test_rasa_reaches_nothing_but_its_own() -> None:
    """No way out for what gets no more fixes: actions, Redis, its database."""
    assert compose()["networks"]["private"] == {"internal": True}
    assert compose()["services"]["rasa"]["networks"] == ["private"]
    assert compose()["services"]["rasa"]["secrets"] == ["private", "rasa_database_url"]
    nothing = named("NetworkPolicy", "nothing")["spec"]
    assert nothing == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    rasa = named("NetworkPolicy", "rasa")["spec"]
    to = [peer for rule in rasa["egress"] for peer in rule["to"]]
    assert [peer["podSelector"]["matchLabels"]["app"] for peer in to] == [
        "actions",
        "redis",
    ]
    volumes = dict(pods())["rasa"]["spec"]["volumes"]
    given = next(v["secret"] for v in volumes if "secret" in v)
    assert [item["key"] for item in given["items"]] == ["private", "rasa_database_url"]
    for policy in of_kind("NetworkPolicy"):
        if policy["metadata"]["name"] != "worker":
            assert "0.0.0.0/0" not in str(policy)


def test_every_pod_has_a_network_of_its_own() -> None:
    """Whoever listens is in a policy that says to whom."""
    policies = {one["metadata"]["name"] for one in of_kind("NetworkPolicy")}
    assert set(PORTS) <= policies


def test_secrets_of_compose_are_files_that_git_never_sees() -> None:
    """Each that is used is declared; the folder is ignored."""
    told = compose()
    used = {name for s in told["services"].values() for name in s.get("secrets", [])}
    assert used == set(told["secrets"])
    for name, secret in told["secrets"].items():
        assert secret == {"file": f"secrets/{name}"}
    assert "deploy/secrets/" in (ROOT / ".gitignore").read_text().splitlines()
    for who, environment in environments().items():
        for value in environment.values():
            if who.startswith("compose") and value.startswith("/run/secrets/"):
                assert value.removeprefix("/run/secrets/") in told["secrets"]


def test_commands_are_modules_of_ours() -> None:
    """python -m NAME for each."""
    commands = [t["spec"]["containers"][0].get("command") for _, t in pods()]
    commands += [s.get("command") for s in compose()["services"].values()]
    modules = [c[2] for c in commands if c and c[:2] == ["python", "-m"]]
    assert len(modules) >= 9
    for module in set(modules):
        assert importlib.util.find_spec(module.partition(".")[0]), module


@pytest.mark.parametrize("path", DOCKERFILES, ids=lambda p: p.stem)
def test_images_are_built_from_the_lock_files(path: Path) -> None:
    """With hashes, from files that exist, none of them ignored."""
    text = path.read_text(encoding="utf-8")
    assert f"--require-hashes -r {path.stem}.lock" in text
    for source in _copied(text):
        assert (ROOT / source).exists(), source
    assert ":latest" not in text


def test_the_app_image_holds_all_that_it_needs(tmp_path: Path) -> None:
    """Its files alone, in an empty folder: commands run, and the desk has its pages."""
    text = (DEPLOY / "app.Dockerfile").read_text(encoding="utf-8")
    last = text.rpartition("\nFROM ")[2]
    ignored = shutil.ignore_patterns("__pycache__", "node_modules")
    for source in _copied(last):
        there = tmp_path / "srv" / source
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, there, ignore=ignored)
        else:
            there.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / source, there)
    script = (
        "import actions.server, worker.__main__, desk.__main__, cli.__main__;"
        "from actions.server import create_app as a; a();"
        "from returns.wiring import open_house; from returns.migrations import migrate;"
        "from desk.app import create_app;"
        "h = open_house(); migrate(h.engine); create_app(h); h.close(); print('ready')"
    )
    environment = {
        "PATH": os.environ["PATH"],
        "BONRETOUR_VAR": str(tmp_path / "var"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path / "srv",
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.endswith("ready\n"), done.stderr[-2000:]


def _copied(text: str) -> list[str]:
    """What is copied from our folder, not from another stage."""
    found: list[str] = []
    for line in re.findall(r"^COPY (?!--from)(.+)$", text, re.MULTILINE):
        found += line.split()[:-1]
    return found

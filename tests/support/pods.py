"""What Helm renders, run by Docker as a node of Kubernetes would run it: a stand-in for kubelet."""

import json
import os
import subprocess
import time

import httpx

from tests.support.docker import ROOT, docker, eventually, inspect, run

_TO_JSON = """
import json, sys, yaml
json.dump([one for one in yaml.safe_load_all(sys.stdin) if one], sys.stdout)
"""


def render(tools, *options):
    """Render the chart, for a release called sage; give its objects by kind and name."""
    chart = ROOT / "deploy" / "helm" / "sage"
    rendered = run(f"{tools}/helm", "template", "sage", chart, "--namespace", "memory", *options)
    objects = json.loads(run(f"{tools}/python", "-c", _TO_JSON, stdin=rendered.stdout).stdout)
    return {(one["kind"], one["metadata"]["name"]): one for one in objects}


class Node:
    """A network of pods, and the Secrets and ConfigMaps that they mount."""

    def __init__(self, name, folder, objects, secrets):
        self.name, self.folder, self.objects = name, folder, objects
        docker("network", "create", name)
        for secret, values in secrets.items():
            place = folder / secret
            place.mkdir(mode=0o755)
            for key, value in values.items():
                (place / key).write_text(value)

    def remove(self):
        """Remove every container and the network."""
        left = docker("ps", "--all", "--quiet", "--filter", f"network={self.name}").split()
        if left:
            docker("rm", "--force", "--volumes", *left)
        run("docker", "network", "rm", self.name, check=False)

    def run_pod(self, name, spec, image):
        """Start the container of a pod with all that its spec says."""
        (container,) = spec["containers"]
        around, inside = spec["securityContext"], container["securityContext"]
        assert around["runAsNonRoot"], "kubelet would compare the user with root"
        assert not inside["allowPrivilegeEscalation"]
        command = [
            *("run", "--detach", "--name", f"{self.name}-{name}", "--network", self.name),
            *("--user", f"{around['runAsUser']}:{around['runAsGroup']}"),
            *("--group-add", str(around["fsGroup"])),
            *(["--read-only"] if inside["readOnlyRootFilesystem"] else []),
            *(f"--cap-drop={one}" for one in inside["capabilities"]["drop"]),
            "--security-opt=no-new-privileges",
            # Kubelet starts a container of a Deployment again that ended by a failure.
            *(("--restart", "on-failure") if spec.get("restartPolicy") != "Never" else ()),
            *("--memory", container["resources"]["limits"]["memory"].removesuffix("i")),
            *("--cpus", container["resources"]["limits"]["cpu"]),
        ]
        for variable, value in self._environment(container).items():
            command += ["--env", f"{variable}={value}"]
        volumes = {volume["name"]: volume for volume in spec["volumes"]}
        for mount in container["volumeMounts"]:
            command += self._mount(mount, volumes[mount["name"]], around, f"{name}-{mount['name']}")
        docker(*command, image, *container["args"])
        grace_s = spec.get("terminationGracePeriodSeconds", 30)
        return RunningPod(f"{self.name}-{name}", container, grace_s)

    def memory_ids(self):
        """Give the ids of all memories that its PostgreSQL keeps."""
        psql = ("psql", "--host=127.0.0.1", "--username=sage", "--tuples-only", "--no-align")
        query = "SELECT memory_id FROM sage.memories"
        return set(docker("exec", f"{self.name}-postgres", *psql, "--command", query).split())

    def _environment(self, container):
        values = {"KUBERNETES_SERVICE_HOST": "10.96.0.1"}  # kubelet sets it in every pod
        for source in container.get("envFrom", []):
            values |= self.objects["ConfigMap", source["configMapRef"]["name"]]["data"]
        return values | {one["name"]: one["value"] for one in container["env"]}

    def _mount(self, mount, volume, around, name):
        path = mount["mountPath"]
        if "emptyDir" in volume:
            size = volume["emptyDir"]["sizeLimit"].removesuffix("i").lower()
            return ["--tmpfs", f"{path}:size={size},mode=2770,gid={around['fsGroup']}"]
        place = self.folder / name
        place.mkdir(mode=0o755)
        if "persistentVolumeClaim" in volume:  # kubelet gives it to the group of the pod
            os.chown(place, 0, around["fsGroup"])
            place.chmod(0o2775)
            return ["--volume", f"{place}:{path}"]
        for source in volume["projected"]["sources"]:
            for item in source["secret"]["items"]:
                file = place / item["path"]
                file.write_text((self.folder / source["secret"]["name"] / item["key"]).read_text())
                os.chown(file, 0, around["fsGroup"])
                file.chmod(volume["projected"]["defaultMode"])
        return ["--volume", f"{place}:{path}:ro"]


class RunningPod:
    """A pod with one container, which kubelet probes and ends."""

    def __init__(self, name, container, grace_s):
        self.name, self.container, self.grace_s = name, container, grace_s

    @property
    def state(self):
        return inspect(self.name)["State"]

    @property
    def log(self):
        logged = run("docker", "logs", self.name)
        return logged.stdout + logged.stderr

    @property
    def address(self):
        (network,) = inspect(self.name)["NetworkSettings"]["Networks"].values()
        return network["IPAddress"]

    def probe(self, kind, **headers):
        """Ask as kubelet does; give the status, None when there is no answer."""
        asked = self.container[kind]["httpGet"]
        ports = {port["name"]: port["containerPort"] for port in self.container["ports"]}
        headers = {one["name"]: one["value"] for one in asked["httpHeaders"]} | headers
        url = f"http://{self.address}:{ports[asked['port']]}{asked['path']}"
        try:
            return httpx.get(url, headers=headers, timeout=self.container[kind]["timeoutSeconds"])
        except httpx.HTTPError:
            return None

    def wait_until_ready(self):
        """Wait for the startup probe, within its patience, and then for the readiness probe."""
        startup = self.container["startupProbe"]
        patience_s = startup["periodSeconds"] * startup["failureThreshold"]
        for kind in ("startupProbe", "readinessProbe"):
            eventually(lambda kind=kind: self._passes(kind), f"{self.name}: {kind}", patience_s)

    def _passes(self, kind):
        answer = self.probe(kind)
        return answer is not None and answer.status_code == 200

    def end(self, *, removed, removed_after_s, with_pre_stop=True):
        """End it: SIGTERM after the preStop sleep, while the endpoint is removed a moment later.

        Gives the seconds from SIGTERM to its end.
        """
        sleep_s = self.container["lifecycle"]["preStop"]["sleep"]["seconds"] * with_pre_stop
        began = time.monotonic()
        if sleep_s > removed_after_s:
            _wait_until(began + removed_after_s)
            removed()
            _wait_until(began + sleep_s)
            docker("kill", "--signal", "TERM", self.name)
        else:
            _wait_until(began + sleep_s)
            docker("kill", "--signal", "TERM", self.name)
            _wait_until(began + removed_after_s)
            removed()
        told = time.monotonic()
        eventually(
            lambda: not self.state["Running"], f"{self.name}: ending", self.grace_s - sleep_s
        )
        return time.monotonic() - told


def _wait_until(moment):
    """Let time pass: what is rehearsed is an order in time."""
    time.sleep(max(0, moment - time.monotonic()))


class Proxy:
    """Nginx as the Service: a request goes to one endpoint, and to no other if that one fails."""

    def __init__(self, folder, port, host):
        self.folder, self.port, self.host, self.process = folder, port, host, None

    def serve(self, addresses):
        """Send requests to these addresses from now on."""
        upstream = "".join(f"server {address}:17800 max_fails=0;" for address in addresses)
        configuration = f"""
            {"user root;" if os.geteuid() == 0 else ""}
            pid {self.folder}/nginx.pid; error_log {self.folder}/error.log warn; daemon off;
            worker_processes 1; events {{}}
            http {{
                access_log off; client_body_temp_path {self.folder}/body;
                proxy_temp_path {self.folder}/proxy; fastcgi_temp_path {self.folder}/fastcgi;
                uwsgi_temp_path {self.folder}/uwsgi; scgi_temp_path {self.folder}/scgi;
                upstream sage {{ {upstream} }}
                server {{
                    listen 127.0.0.1:{self.port};
                    location / {{
                        proxy_pass http://sage; proxy_next_upstream off;
                        proxy_set_header Host {self.host};
                    }}
                }}
            }}
        """
        (self.folder / "nginx.conf").write_text(configuration)
        command = ["nginx", "-p", self.folder, "-c", self.folder / "nginx.conf"]
        if self.process is None:
            self.process = subprocess.Popen(command)
            eventually(self._answers, "the proxy answering", 20)
        else:
            run(*command, "-s", "reload")

    def _answers(self):
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/health/liveness", timeout=2)
        except httpx.HTTPError:
            return None

    def stop(self):
        """End it."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(20)

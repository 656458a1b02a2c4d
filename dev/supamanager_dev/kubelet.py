"""Runs the pods of a namespace as processes of this machine.

Of a pod it reads what a kubelet reads, and passes nothing else on: command, arguments, variables
with their Secrets, the ServiceAccount's token, probes. Three things are translated, since pods
have no network of their own here: hosts of Services, the ports that containers listen on, and where
the API server is. It reports what became of a pod, so that rollouts and Helm see the truth.

An image is not looked at, except for those that a stand-in is given for.
"""

from __future__ import annotations

import base64
import contextlib
import http.client
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from supamanager_dev import containers, podstatus, ports, probes
from supamanager_dev.containers import NotYet
from supamanager_dev.controlplane import ControlPlane
from supamanager_dev.errors import ApiError, DevError
from supamanager_dev.podprocess import PodProcess
from supamanager_dev.podservices import PodServices
from supamanager_dev.podstatus import Instance, PodState
from supamanager_dev.resource import Resource

_EVERY: Final = 0.2
_READY_EVERY: Final = 1.0
"""How often a pod that is ready is asked whether it still is, in seconds."""
_TOKENS: Final = "/var/run/secrets/kubernetes.io/serviceaccount"
_BACK_OFF: Final = 1.0

Body = dict[str, Any]

StandIn = Callable[[Body, Mapping[str, str], dict[int, int]], Instance]
"""Starts what an image would, from the pod and its variables; writes its ports into the last."""


class Kubelet(Resource):
    """A context manager; the control plane must have been told to leave `namespace` to it."""

    def __init__(
        self,
        control_plane: ControlPlane,
        namespace: str,
        *,
        stand_ins: Mapping[str, StandIn] | None = None,
    ) -> None:
        self._control_plane = control_plane
        self._namespace = namespace
        self._stand_ins = dict(stand_ins or {})
        self._pods: dict[str, PodState] = {}
        self._names: dict[str, str] = {}
        self._services = PodServices(namespace)
        self._end = threading.Event()
        self._failure: Exception | None = None
        self._workers = ThreadPoolExecutor(8)
        self._thread = threading.Thread(target=self._run, name="kubelet", daemon=True)
        self._thread.start()

    def address(self, service: str, port: int) -> str:
        """Where a Service is on this machine, as host:port."""
        return f"127.0.0.1:{self._services.addresses.services[service, port]}"

    def port(self, pod: str, port: int) -> int:
        """Where a port of the last pod of that name is on this machine, behind no Service."""
        return self._pods[self._names[pod]].listening[port]

    def log(self, pod: str) -> str:
        """The end of what the last container of that name wrote."""
        known = self._pods[self._names[pod]]
        return known.instance.log() if known.instance else known.log

    def check(self) -> None:
        """Raise if the kubelet itself has failed."""
        if self._failure is not None:
            raise DevError(f"the kubelet failed: {self._failure!r}") from self._failure

    def close(self) -> None:
        self._end.set()
        self._thread.join()
        self._workers.shutdown()
        for pod in self._pods.values():
            if pod.instance is not None:
                pod.instance.stop(0)
                pod.instance = None
        self._services.close()

    def _run(self) -> None:
        while not self._end.wait(_EVERY):
            try:
                self._look()
            except (OSError, http.client.HTTPException, ApiError):
                continue  # the API server is away, or what was read has changed
            except Exception as error:
                self._failure = error
                return

    def _look(self) -> None:
        services = self._list("services")
        self._services.learn(services)
        bodies = self._list("pods")
        live = {body["metadata"]["uid"]: body for body in bodies}
        for uid in set(self._pods) - set(live):
            self._stop(self._pods[uid], grace=0)
        here = {uid: body for uid, body in live.items() if body["spec"].get("nodeName")}
        for uid, body in here.items():
            self._names[body["metadata"]["name"]] = uid
            self._sync(body, self._pods.setdefault(uid, PodState()))
        self._services.point(services, bodies, self._pods)
        # Told last: who waits for a pod that is ready finds it behind its Service.
        for uid, body in here.items():
            if not body["metadata"].get("deletionTimestamp"):
                self._report(body, self._pods[uid])

    def _sync(self, body: Body, pod: PodState) -> None:
        [container] = body["spec"]["containers"]
        if body["metadata"].get("deletionTimestamp"):
            self._delete(body, pod)
            return
        if pod.instance is not None and (code := pod.instance.exit_code()) is not None:
            self._exited(body, pod, code)
        if pod.instance is None and pod.code is None and time.monotonic() >= pod.not_before:
            self._start(body, container, pod)
        if pod.instance is None:
            pod.ready = False
        elif not pod.ready or time.monotonic() >= pod.asked_again:
            pod.ready = probes.succeed(container, pod.listening)
            pod.asked_again = time.monotonic() + _READY_EVERY

    def _start(self, body: Body, container: Body, pod: PodState) -> None:
        if not pod.listening:
            numbers = containers.ports(container)
            pod.listening = dict(zip(numbers, ports.free(len(numbers)), strict=True))
        addresses = self._services.addresses
        try:
            variables = containers.environment(
                body,
                container,
                secret=self._secret,
                addresses=addresses,
                listening=pod.listening,
            )
        except NotYet as reason:
            pod.waiting, pod.message = "CreateContainerConfigError", str(reason)
            return
        words = containers.words(container, variables, addresses)
        image = container["image"].rpartition("/")[2].partition(":")[0]
        if words:
            pod.instance = PodProcess(
                body["metadata"]["name"], words, variables | self._cluster(body, container)
            )
        elif image in self._stand_ins:
            pod.instance = self._stand_ins[image](body, variables, pod.listening)
        else:
            pod.waiting, pod.message = "ImagePullBackOff", "no image can be run here"
            return
        pod.started = podstatus.now()

    def _exited(self, body: Body, pod: PodState, code: int) -> None:
        assert pod.instance is not None
        pod.log = pod.instance.log()
        pod.instance.stop(0)
        pod.instance = None
        if body["spec"].get("restartPolicy", "Always") == "Always":
            pod.restarts += 1
            pod.not_before = time.monotonic() + _BACK_OFF
            pod.waiting, pod.message = "CrashLoopBackOff", f"it ended with code {code}"
        else:
            pod.code = code

    def _stop(self, pod: PodState, *, grace: float) -> None:
        pod.ready = False
        instance, pod.instance = pod.instance, None
        if instance is not None:
            pod.log = instance.log()
            instance.stop(grace)

    def _delete(self, body: Body, pod: PodState) -> None:
        """End the process, then let the pod go."""
        if pod.ending:
            return
        pod.ending = True
        pod.ready = False

        [container] = body["spec"]["containers"]
        grace = body["metadata"].get("deletionGracePeriodSeconds", 30)

        def end() -> None:
            self._end.wait(min(grace, containers.lingers(container)))
            self._stop(pod, grace=grace)
            options = {
                "gracePeriodSeconds": 0,
                "preconditions": {"uid": body["metadata"]["uid"]},
            }
            try:
                self._control_plane.api.request("DELETE", self._path("pods", body), options)
            except (OSError, http.client.HTTPException):
                pod.ending = False
            except ApiError as error:
                pod.ending = error.status == http.client.NOT_FOUND

        self._workers.submit(end)

    def _report(self, body: Body, pod: PodState) -> None:
        [container] = body["spec"]["containers"]
        status = podstatus.render(body, container, pod)
        if podstatus.said(status) == podstatus.said(body.get("status", {})):
            return
        changed = {**body, "apiVersion": "v1", "kind": "Pod", "status": status}
        with contextlib.suppress(ApiError):
            self._control_plane.api.request("PUT", f"{self._path('pods', body)}/status", changed)

    def _cluster(self, body: Body, container: Body) -> dict[str, str]:
        """How the process finds the API server: with the token that its pod has mounted, if any."""
        mounts = {mount["mountPath"] for mount in container.get("volumeMounts", ())}
        if _TOKENS not in mounts:
            return {}
        account = body["spec"]["serviceAccountName"]
        config = self._control_plane.kubeconfig_for(self._namespace, account)
        return {"KUBECONFIG": str(config)}

    def _secret(self, name: str, key: str) -> str:
        path = f"/api/v1/namespaces/{self._namespace}/secrets/{name}"
        try:
            data = self._control_plane.api.request("GET", path).get("data") or {}
        except ApiError as error:
            if error.status != http.client.NOT_FOUND:
                raise
            raise NotYet(f'secret "{name}" not found') from None
        if key not in data:
            raise NotYet(f"couldn't find key {key} in Secret {self._namespace}/{name}")
        return base64.b64decode(data[key]).decode()

    def _list(self, plural: str) -> list[Body]:
        path = f"/api/v1/namespaces/{self._namespace}/{plural}"
        items: list[Body] = self._control_plane.api.request("GET", path)["items"]
        return items

    def _path(self, plural: str, body: Body) -> str:
        return f"/api/v1/namespaces/{self._namespace}/{plural}/{body['metadata']['name']}"

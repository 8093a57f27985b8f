"""The files for KubeRay: the part of its schema that they use, Ray's own reading of them, and what both miss."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest
import yaml

from serve_app.settings import ServeSettings
from tests.cluster.files import KUBERAY, loaded, ray_cluster, text

SCHEMA = json.loads((Path(__file__).parent / "kuberay.schema.json").read_text())


@pytest.fixture(params=KUBERAY)
def name(request):
    return request.param


@pytest.fixture
def spec(name):
    """Of the cluster in it."""
    return ray_cluster(name)["spec"]


def groups(spec):
    """All pod templates: the head's first."""
    return [spec["headGroupSpec"], *spec["workerGroupSpecs"]]


def pods(spec):
    return [group["template"]["spec"] for group in groups(spec)]


def ray_container(pod):
    """KubeRay takes the first container for Ray's."""
    return pod["containers"][0]


def test_it_is_what_the_schema_says(name):
    jsonschema.Draft202012Validator(SCHEMA).validate(loaded(name))


@pytest.mark.parametrize("name", ["cluster/raycluster.yaml", "cluster/rayservice.yaml"])
def test_a_redis_is_switched_on_by_taking_four_signs_away(name):
    lines = text(name).splitlines()
    begin = next(at for at, line in enumerate(lines) if line.strip() == "# gcsFaultToleranceOptions:")
    lines[begin : begin + 4] = [line.replace("# ", "", 1) for line in lines[begin : begin + 4]]
    found = yaml.safe_load("\n".join(lines))
    jsonschema.Draft202012Validator(SCHEMA).validate(found)
    spec = found["spec"].get("rayClusterConfig") or found["spec"]
    reference = spec["gcsFaultToleranceOptions"]["redisPassword"]["valueFrom"]["secretKeyRef"]
    assert f"create secret generic {reference['name']} --from-literal={reference['key']}=" in text(name)


def test_the_schema_finds_a_slip():
    job = loaded("cluster/rayjob.yaml")
    job["spec"]["rayClusterSpec"]["workerGroupSpecs"][0]["maxReplica"] = 3
    with pytest.raises(jsonschema.ValidationError, match="maxReplica"):
        jsonschema.validate(job, SCHEMA)


def test_ray_s_autoscaler_reads_it_as_it_is_meant(name):
    from ray.autoscaler._private.kuberay.autoscaling_config import _derive_autoscaling_config_from_ray_cr

    cluster = ray_cluster(name)
    cluster["metadata"]["namespace"] = "default"
    read = _derive_autoscaling_config_from_ray_cr(cluster)
    types = read["available_node_types"]
    assert types[read["head_node_type"]]["resources"]["CPU"] == 0
    assert types["cpu"]["resources"]["CPU"] == types["gpu"]["resources"]["CPU"] == 8
    assert types["gpu"]["resources"]["GPU"] == 1
    assert "GPU" not in types["cpu"]["resources"]
    assert (types["cpu"]["min_workers"], types["gpu"]["min_workers"]) == (1, 0)
    assert read["max_workers"] == types["cpu"]["max_workers"] + types["gpu"]["max_workers"]


def test_studies_know_which_workers_could_come(name, spec):
    """No pod can read its own RayCluster without rights of its own, and Ray does not tell."""
    from ray.autoscaler._private.kuberay.autoscaling_config import _derive_autoscaling_config_from_ray_cr

    from tuner.runners.node_types import node_types

    cluster = ray_cluster(name)
    cluster["metadata"]["namespace"] = "default"
    read = _derive_autoscaling_config_from_ray_cr(cluster)
    types = [kind["resources"] for key, kind in read["available_node_types"].items() if key != read["head_node_type"]]
    for pod in pods(spec):
        (told,) = [one["value"] for one in ray_container(pod)["env"] if one["name"] == "TUNER_NODE_TYPES"]
        known = [(node.cpus, len(node.gpus)) for node in node_types(told)]
        assert known == [(kind["CPU"], kind.get("GPU", 0)) for kind in types]


def test_the_cluster_grows_and_asks_for_its_token(spec):
    assert spec["enableInTreeAutoscaling"] is True
    assert spec["autoscalerOptions"]["version"] == "v2"
    assert spec["authOptions"] == {"mode": "token"}
    for group in spec["workerGroupSpecs"]:
        assert group["minReplicas"] <= group["replicas"] <= group["maxReplicas"]


def test_every_pod_runs_as_the_image_s_user_and_not_as_root(spec):
    (user,) = re.findall(r"^USER (\d+)$", text("cluster/Dockerfile"), re.M)
    for pod in pods(spec):
        assert pod["securityContext"] == {"runAsUser": int(user), "runAsNonRoot": True, "fsGroup": int(user)}


def test_gpu_workers_have_the_image_with_cuda_and_the_others_the_small_one(spec):
    for pod in pods(spec):
        container = ray_container(pod)
        gpus = container["resources"]["limits"].get("nvidia.com/gpu")
        assert container["image"].endswith("-cuda" if gpus else "-cpu")
        assert container["resources"]["requests"] == container["resources"]["limits"]


def test_every_pod_has_the_results_the_database_and_room_for_ray_s_objects(spec):
    claim = loaded("cluster/results-volume.yaml")
    assert claim["spec"]["accessModes"] == ["ReadWriteMany"]
    for pod in pods(spec):
        container = ray_container(pod)
        given = {variable["name"]: variable for variable in container["env"]}
        mounted = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
        volumes = {volume["name"]: volume for volume in pod["volumes"]}
        assert set(volumes) == set(mounted)
        assert given["TUNER_RESULTS_DIR"]["value"] == mounted["results"]
        assert volumes["results"]["persistentVolumeClaim"]["claimName"] == claim["metadata"]["name"]
        assert mounted["shm"] == "/dev/shm"
        assert volumes["shm"]["emptyDir"]["medium"] == "Memory"
        assert given["TUNER_DATABASE_URL"]["valueFrom"]["secretKeyRef"]["key"] == "database-url"


def test_secrets_are_named_and_never_told(name, spec):
    made = set(re.findall(r"create secret generic ([\w-]+) --from-literal=([\w-]+)=", everything()))
    made.add(("tuner-env", "runpod-api-key"))  # an optional key of the same secret
    for pod in pods(spec):
        for variable in ray_container(pod)["env"]:
            reference = variable.get("valueFrom", {}).get("secretKeyRef")
            if reference is not None:
                assert (reference["name"], reference["key"]) in made
            else:
                assert variable["name"] in ("TUNER_RESULTS_DIR", "TUNER_NODE_TYPES", "TUNER_ALLOWED_HOSTS")


def everything():
    return "".join(text(name) for name in KUBERAY)


def test_workers_prefer_spot_nodes_and_take_any_other(spec):
    for group in spec["workerGroupSpecs"]:
        pod = group["template"]["spec"]
        preferred = pod["affinity"]["nodeAffinity"]
        assert list(preferred) == ["preferredDuringSchedulingIgnoredDuringExecution"]
        tolerated = {toleration["key"] for toleration in pod["tolerations"]}
        assert "cloud.google.com/gke-spot" in tolerated
        assert ("nvidia.com/gpu" in tolerated) == (group["groupName"] == "gpu")
    assert "affinity" not in pods(spec)[0]


def test_prometheus_finds_every_pod_by_the_label_and_the_port_that_are_told(spec):
    for group in groups(spec):
        template = group["template"]
        assert template["metadata"]["labels"] == {"app": "tuner"}
        ports = {port["name"]: port["containerPort"] for port in ray_container(template["spec"])["ports"]}
        assert ports["metrics"] == 8080
    assert "`matchLabels: {app: tuner}`" in text("cluster/prometheus.yaml")


def test_the_job_s_cluster_is_the_cluster():
    assert ray_cluster("cluster/rayjob.yaml")["spec"] == ray_cluster("cluster/raycluster.yaml")["spec"]


def test_the_job_s_cluster_goes_with_it_and_a_lost_one_is_followed_by_another():
    job = loaded("cluster/rayjob.yaml")["spec"]
    assert job["shutdownAfterJobFinishes"] is True
    assert job["backoffLimit"] > 0


def test_the_service_is_the_cluster_with_a_token_for_the_application():
    service, cluster = (ray_cluster(f"cluster/{name}.yaml")["spec"] for name in ("rayservice", "raycluster"))
    for pod in pods(service):
        variables = ray_container(pod)["env"]
        token, hosts = (
            variables.pop(next(n for n, variable in enumerate(variables) if variable["name"] == name))
            for name in ("TUNER_API_TOKEN", "TUNER_ALLOWED_HOSTS")
        )
        assert token["valueFrom"]["secretKeyRef"] == {"name": "tuner-api", "key": "token"}
        assert "tuner-serve-svc" in ServeSettings(allowed_hosts=hosts["value"]).allowed_hosts
    assert service == cluster


def test_the_service_is_serve_yaml_open_to_the_pods_around_it():
    from ray.serve.schema import ServeDeploySchema

    served = yaml.safe_load(loaded("cluster/rayservice.yaml")["spec"]["serveConfigV2"])
    ServeDeploySchema.model_validate(served)
    alone = loaded("cluster/serve.yaml")
    assert served["http_options"].pop("host") == "0.0.0.0"
    assert served.pop("proxy_location") == "EveryNode"  # KubeRay asks each pod's own proxy whether it is well
    del alone["http_options"]["host"], alone["proxy_location"]
    assert served["controller_options"]["runtime_env"]["env_vars"].pop("TUNER_OPEN_PROBES") == "true"
    assert served == alone
    ports = ray_container(pods(ray_cluster("cluster/rayservice.yaml")["spec"])[0])["ports"]
    assert {"name": "serve", "containerPort": served["http_options"]["port"]} in ports

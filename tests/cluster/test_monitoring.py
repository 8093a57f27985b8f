"""Prometheus and Grafana: the scrape config is one, and the board asks for metrics that exist."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest

from serve_app.routes import system
from tests.cluster.files import board, loaded, text
from tests.store.samples import start
from tuner.spec import StudySpec
from tuner.store import Store
from tuner.study.metrics import CATALOGUE

APPLICATION = {"tuner_studies", "tuner_trials"}
"""What the served application tells: see the test of it."""
FUNCTIONS = {"sum", "max", "avg", "by", "on", "rate", "histogram_quantile"}
PANELS = [panel for panel in board()["panels"] if panel["type"] != "row"]
QUERIES = [target["expr"] for panel in PANELS for target in panel["targets"]]


def names(query: str) -> set[str]:
    """The metrics of a query: what stands neither in braces, brackets or quotes nor as a grouping label."""
    bare = re.sub(r'\{[^}]*\}|\[[^\]]*\]|"[^"]*"|\b(?:by|on) \([^)]*\)', " ", query)
    return set(re.findall(r"[a-z_][a-zA-Z0-9_:]*", bare)) - FUNCTIONS


def exported() -> dict[str, set[str]]:
    """The labels of each of our metrics, by the names that Prometheus gets from Ray."""
    found = {}
    for measure in CATALOGUE:
        labels = {"study", *measure.labels}
        if measure.kind == "histogram":
            found |= {f"ray_{measure.name}_{part}": labels | {"le"} for part in ("bucket", "sum", "count")}
        else:
            found[f"ray_{measure.name}"] = labels
    return found


def ray_s() -> set[str]:
    """Metrics of Ray itself: what its nodes' agents and its autoscaler keep, and what its own boards ask for."""
    from ray.autoscaler._private.prom_metrics import AutoscalerPrometheusMetrics
    from ray.dashboard.modules.metrics.dashboards.default_dashboard_panels import DEFAULT_GRAFANA_ROWS
    from ray.dashboard.modules.reporter.reporter_agent import METRICS_GAUGES

    asked = " ".join(target.expr for row in DEFAULT_GRAFANA_ROWS for panel in row.panels for target in panel.targets)
    kept = {family.name for family in AutoscalerPrometheusMetrics(session_name="s").registry.collect()}
    return {f"ray_{name}" for name in METRICS_GAUGES} | kept | set(re.findall(r"\bray_\w+", asked))


@pytest.fixture
def served(tmp_path) -> str:
    """What the served application tells Prometheus of a database with one study that trains one trial."""
    with Store.open(f"sqlite:///{tmp_path / 'tuner.db'}") as store:
        store.create_study(StudySpec(run_name="a"), folder=str(tmp_path))
        store.append("a", start(1))
        return system._metrics(SimpleNamespace(store=store))


@pytest.mark.parametrize("query", QUERIES)
def test_every_query_names_only_metrics_that_exist(query):
    named = names(query)
    assert named
    assert named <= set(exported()) | APPLICATION | ray_s()


def test_every_query_asks_for_labels_that_its_metrics_have():
    known = exported()
    for query in QUERIES:
        for name, selected in re.findall(r"(ray_tuner_\w+)\{([^}]*)\}", query):
            assert set(re.findall(r"(\w+)=~?\"", selected)) <= known[name]
        ours = [known[name] for name in names(query) & set(known)]
        if ours:
            grouped = {
                label.strip() for list_ in re.findall(r"\b(?:by|on) \(([^)]*)\)", query) for label in list_.split(",")
            }
            assert grouped <= set().union(*ours), query


def test_a_legend_names_labels_that_its_query_keeps():
    for panel in PANELS:
        for target in panel["targets"]:
            kept = {
                label.strip() for list_ in re.findall(r"\bby \(([^)]*)\)", target["expr"]) for label in list_.split(",")
            }
            assert set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"])) <= kept, panel["title"]


def test_every_metric_of_a_study_is_drawn():
    drawn = " ".join([*QUERIES, board()["templating"]["list"][1]["definition"]])
    for measure in CATALOGUE:
        assert f"ray_{measure.name}" in drawn


def test_the_board_is_one_that_grafana_imports():
    told = board()
    assert {"title", "uid", "schemaVersion", "panels", "templating", "time"} <= set(told)
    numbers = [panel["id"] for panel in told["panels"]]
    assert len(set(numbers)) == len(numbers)
    spots = set()
    for panel in told["panels"]:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & spots, panel["title"]
        spots |= cells
    for panel in PANELS:
        assert panel["description"].endswith(".")
        assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
        assert all(target["expr"].count("(") == target["expr"].count(")") for target in panel["targets"])
    variables = {variable["name"] for variable in told["templating"]["list"]}
    assert set(re.findall(r"\$(?:\{)?([a-z]\w*)", " ".join(QUERIES))) <= variables


def test_the_served_application_tells_what_the_board_asks_it_in_the_words_of_a_study_s_metrics(served):
    from prometheus_client.parser import text_string_to_metric_families

    samples = [sample for family in text_string_to_metric_families(served) for sample in family.samples]
    assert {sample.name for sample in samples} == APPLICATION
    assert all(set(sample.labels) == {"status"} for sample in samples)
    (trials,) = [measure for measure in CATALOGUE if measure.name == "tuner_trials_total"]
    assert trials.labels == ("status",)


# --- Prometheus ---


def test_the_scrape_config_has_the_keys_that_prometheus_knows():
    config = loaded("cluster/prometheus.yaml")
    assert set(config) == {"global", "scrape_configs"}
    assert set(config["global"]) <= {"scrape_interval", "scrape_timeout", "evaluation_interval"}
    jobs = {job["job_name"]: job for job in config["scrape_configs"]}
    assert set(jobs) == {"ray", "tuner"}
    for job in jobs.values():
        assert set(job) <= {"job_name", "file_sd_configs", "static_configs", "authorization", "metrics_path"}


def test_it_reads_the_list_of_nodes_where_ray_keeps_it():
    from ray._private.ray_constants import PROMETHEUS_SERVICE_DISCOVERY_FILE

    jobs = {job["job_name"]: job for job in loaded("cluster/prometheus.yaml")["scrape_configs"]}
    assert jobs["ray"]["file_sd_configs"] == [{"files": [f"/tmp/ray/{PROMETHEUS_SERVICE_DISCOVERY_FILE}"]}]
    port = loaded("cluster/serve.yaml")["http_options"]["port"]
    assert jobs["tuner"]["static_configs"] == [{"targets": [f"localhost:{port}"]}]
    assert "TUNER_API_TOKEN" in text("cluster/prometheus.yaml")

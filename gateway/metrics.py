"""The figures as Prometheus reads them; the one module that knows prometheus_client."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate

from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4 as CONTENT_TYPE
from prometheus_client import ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from gateway.depths import Depths
from gateway.figures import Family, Sources, Spread, Values, durations, of_installation, of_process
from gateway.tallies import SECONDS

__all__ = ["CONTENT_TYPE", "gather", "render"]

_PROCESS = "process"
"""The label of what one process counts for itself; what has none is counted for the whole installation."""
_KINDS: dict[str, type[CounterMetricFamily | GaugeMetricFamily]] = {
    "counter": CounterMetricFamily,
    "gauge": GaugeMetricFamily,
}
_ENDS = [*map(str, SECONDS), "+Inf"]


def gather(sources: Sources, depths: Depths | None) -> list[Metric]:
    """All figures as they are now; without depths, those that only the database knows are left out."""
    return list(_Gathering(sources, depths).metrics())


def render(metrics: list[Metric]) -> bytes:
    """The text of what was gathered; it takes a while, and may be done in a thread."""
    return generate_latest(_Gathered(metrics))


class _Gathered(Collector):
    """What was gathered, as the library takes it; registered nowhere, so nothing of it outlives the answer."""

    def __init__(self, metrics: list[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> list[Metric]:
        """Every metric."""
        return self._metrics


class _Gathering:
    """Makes metrics of the figures."""

    def __init__(self, sources: Sources, depths: Depths | None) -> None:
        self._sources = sources
        self._depths = depths
        self._process = sources.process

    def metrics(self) -> Iterator[Metric]:
        """Every metric, one after another."""
        for family, spread in durations(self._sources):
            yield self._histogram(family, spread)
        for family, values in of_process(self._sources):
            yield self._metric(family, values)
        for family, values in of_installation(self._sources, self._depths):
            yield self._metric(family, values)
        # Memory, processor time and open files, as far as the system tells them.
        for metric in ProcessCollector(registry=None).collect():
            metric.samples = [each._replace(labels={_PROCESS: self._process}) for each in metric.samples]
            yield metric

    def _metric(self, family: Family, values: Values) -> Metric:
        own = () if family.shared else (self._process,)
        made = _KINDS[family.type](family.name, family.meaning, labels=self._labels(family))
        for labels, value in values:
            made.add_metric([*own, *labels], float(value))
        return made

    def _histogram(self, family: Family, spread: Spread) -> Metric:
        made = HistogramMetricFamily(family.name, family.meaning, labels=self._labels(family))
        for labels, each in spread:
            buckets = list(zip(_ENDS, accumulate(each.counts), strict=True))
            made.add_metric([self._process, *labels], buckets, each.seconds)
        return made

    def _labels(self, family: Family) -> tuple[str, ...]:
        return family.labels if family.shared else (_PROCESS, *family.labels)

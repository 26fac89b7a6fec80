"""A model's graph, run one node after the other.

Rasa hands every run to dask, which plans it anew and passes each node through queues:
as much time as the small nodes take themselves. The order is always the same.
"""

from typing import Any, Dict, List, Optional, Text, Tuple

from rasa.core.channels.channel import UserMessage
from rasa.core.processor import MessageProcessor
from rasa.engine.constants import PLACEHOLDER_MESSAGE, PLACEHOLDER_TRACKER
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.runner.interface import GraphRunner
from rasa.shared.core.trackers import DialogueStateTracker

NOTHING = {"intent": {"name": None, "confidence": 0.0}, "entities": []}
Plan = List[Tuple[Text, List[Text]]]


class StraightRunner:
    """Runs the nodes that dask's runner has loaded, each once and after its needs."""

    def __init__(self, loaded: DaskGraphRunner) -> None:
        self._nodes = loaded._instantiated_nodes
        self._schema = loaded._graph_schema
        self._plans: Dict[Tuple[Text, ...], Plan] = {}

    @classmethod
    def of(cls, runner: GraphRunner) -> Any:
        """The same graph; a runner that is not dask's stays."""
        return cls(runner) if isinstance(runner, DaskGraphRunner) else runner

    def run(
        self,
        inputs: Optional[Dict[Text, Any]] = None,
        targets: Optional[List[Text]] = None,
    ) -> Dict[Text, Any]:
        """As GraphRunner.run."""
        wanted = tuple(targets or self._schema.target_names)
        told = {name: (name, value) for name, value in (inputs or {}).items()}
        for name, needs in self._plan(wanted):
            told[name] = self._nodes[name](*[told[need] for need in needs])
        return dict(told[name] for name in wanted)

    def _plan(self, targets: Tuple[Text, ...]) -> Plan:
        if targets not in self._plans:
            nodes = self._schema.minimal_graph_schema(list(targets)).nodes
            plan: Dict[Text, List[Text]] = {}

            def add(name: Text) -> None:
                if name in nodes and name not in plan:
                    needs = list(nodes[name].needs.values())
                    for need in needs:
                        add(need)
                    plan[name] = needs

            for name in targets:
                add(name)
            self._plans[targets] = list(plan.items())
        return self._plans[targets]


def parse_all(
    processor: MessageProcessor,
    messages: List[UserMessage],
    tracker: DialogueStateTracker,
) -> List[Dict[Text, Any]]:
    """What NLU reads in each, encoded together."""
    target = processor.model_metadata.nlu_target
    told = processor.graph_runner.run(
        inputs={PLACEHOLDER_MESSAGE: messages, PLACEHOLDER_TRACKER: tracker},
        targets=[target],
    )
    return [
        {**NOTHING, **one.as_dict(only_output_properties=True)} for one in told[target]
    ]

"""`python -m benchmarks.in_rasa.train_stock MODEL.tar.gz [core]`: what `rasa init` has.

With `core` also its policies, on our rules and stories.

One epoch in place of a hundred, and no made-up stories: how long it learned cannot be
seen in the model's size, memory or speed.
"""

import sys
import tempfile
from pathlib import Path

from bot.quiet import hush

hush()

CONFIG = """
recipe: default.v1
language: fr
assistant_id: stock
pipeline:
  - name: WhitespaceTokenizer
  - name: RegexFeaturizer
  - name: LexicalSyntacticFeaturizer
  - name: CountVectorsFeaturizer
  - {name: CountVectorsFeaturizer, analyzer: char_wb, min_ngram: 1, max_ngram: 4}
  - {name: DIETClassifier, epochs: 1, constrain_similarities: true}
  - name: EntitySynonymMapper
  - {name: ResponseSelector, epochs: 1, constrain_similarities: true}
  - {name: FallbackClassifier, threshold: 0.3, ambiguity_threshold: 0.1}
"""


POLICIES = """
importers:
  - name: bot.importer.DialogueImporter
policies:
  - name: MemoizationPolicy
  - name: RulePolicy
  - {name: UnexpecTEDIntentPolicy, max_history: 5, epochs: 1}
  - {name: TEDPolicy, max_history: 5, epochs: 1, constrain_similarities: true}
"""


def main(target: Path, core: bool) -> int:
    """Trains on data/."""
    import rasa.telemetry
    from rasa.model_training import train, train_nlu

    rasa.telemetry.TELEMETRY_ENABLED_BY_DEFAULT = False
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "config.yml"
        config.write_text(CONFIG + (POLICIES if core else ""))
        name = target.name[: -len(".tar.gz")]
        if core:
            done = train(
                "domain.yml",
                str(config),
                ["data"],
                str(target.parent),
                fixed_model_name=name,
                core_additional_arguments={"augmentation_factor": 0},
            )
            return done.code
        made = train_nlu(
            str(config), "data/nlu", str(target.parent), fixed_model_name=name
        )
    return 0 if made else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:] == ["core"]))

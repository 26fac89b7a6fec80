"""`python -m benchmarks.in_rasa.train_stock MODEL.tar.gz`: `rasa init`'s pipeline.

Five epochs in place of a hundred: how many there were cannot be seen in the model's
size, memory or speed.
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
  - {name: DIETClassifier, epochs: 5, constrain_similarities: true}
  - name: EntitySynonymMapper
  - {name: ResponseSelector, epochs: 5, constrain_similarities: true}
  - {name: FallbackClassifier, threshold: 0.3, ambiguity_threshold: 0.1}
"""


def main(target: Path) -> int:
    """Trains on data/nlu."""
    import rasa.telemetry
    from rasa.model_training import train_nlu

    rasa.telemetry.TELEMETRY_ENABLED_BY_DEFAULT = False
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "config.yml"
        config.write_text(CONFIG)
        name = target.name[: -len(".tar.gz")]
        made = train_nlu(
            str(config), "data/nlu", str(target.parent), fixed_model_name=name
        )
    return 0 if made else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))

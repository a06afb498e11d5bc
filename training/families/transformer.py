"""The transformer family: a pretrained encoder fine-tuned with one head, on a CPU or a GPU."""

from __future__ import annotations

from pathlib import Path

from gongkai.training.families.base import Progress, Tell
from gongkai.training.families.transformer_config import TransformerTraining
from gongkai.training.families.transformer_model import TransformerModel, open_model
from gongkai.training.families.transformer_trainer import TransformerTrainer, trained_before
from gongkai.training.loop import SPEED, Epoch
from gongkai.training.tasks.dataset import Dataset


class TransformerFamily:
    """Fine-tunes a pretrained encoder."""

    def fit(
        self, settings: TransformerTraining, dataset: Dataset, folder: Path, seed: int, tell: Tell, progress: Progress
    ) -> None:
        """Learn the train split; see :class:`gongkai.training.families.base.Family`.

        Raises:
            GongkaiError: ``model.unavailable`` where the encoder cannot be had, ``config.invalid`` where there is no
                such device or no such figure to stop by.
        """
        if trained_before(settings, dataset, folder, seed):
            tell("trained before")
            return
        trainer = TransformerTrainer(settings, dataset, folder, seed)
        tell(trainer.summary())
        if trainer.loop.epoch:
            tell(f"going on after epoch {trainer.loop.epoch}")

        def after_epoch(done: Epoch) -> None:
            figures = done.losses | done.figures | {SPEED: done.items_per_second}
            told = "  ".join(f"{name} {value:.4g}" for name, value in figures.items())
            tell(f"epoch {done.number}/{settings.epochs}  {told}")
            progress({"step": done.number, **figures})

        trainer.loop.run(trainer.dev_figures, after_epoch)
        trainer.finish()

    def open(self, folder: Path) -> TransformerModel:
        """Return the model that :meth:`fit` left in a folder."""
        return open_model(folder)

"""The words of a system for where a saga stands."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Estados:
    """The words, by the moment at which the engine says them.

    `fallida` is said when a saga fails; it stays when there is nothing to undo. `fallando` is said in its
    place while there is something to undo, `atascada` when an undo has used up its attempts, and `cerrada`
    when an operator gives such a saga up: without them a saga keeps the word that it had, and is closed as
    `fallida`. No word tells that a saga has ended: `fecha_fin` does.
    """

    iniciada: str = "INICIADA"
    completada: str = "COMPLETADA"
    fallida: str = "FALLIDA"
    compensando: str = "COMPENSANDO"
    compensada: str = "COMPENSADA"
    fallando: str | None = None
    atascada: str | None = None
    cerrada: str | None = None

    @property
    def finales(self) -> tuple[str, ...]:
        """The words that a saga may end in, each once."""
        return tuple(dict.fromkeys((self.completada, self.fallida, self.compensada, self.de_cerrada)))

    @property
    def de_cerrada(self) -> str:
        """The word of a saga that an operator gave up."""
        return self.cerrada or self.fallida

    @property
    def todos(self) -> tuple[str, ...]:
        """All of them, each once."""
        mas = (self.compensando, self.fallando, self.atascada)
        return tuple(dict.fromkeys(p for p in (self.iniciada, *self.finales, *mas) if p))

    @property
    def ambiguas(self) -> bool:
        """Whether a success, or a saga that is undone, has a word that also means something else."""
        en_curso = {self.iniciada, self.compensando, self.fallando, self.atascada}
        malos = {self.fallida, self.compensada, self.de_cerrada}
        return self.completada in en_curso | malos or self.compensada in en_curso | {self.cerrada}

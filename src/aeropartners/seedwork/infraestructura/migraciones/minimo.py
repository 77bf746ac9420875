"""The promise of a migration about older code: it may run beside it, unless the migration says otherwise."""

import sqlalchemy as sa
from alembic import op

_ESQUEMA = sa.table("esquema", sa.column("minimo"))


def exigir(revision: str) -> None:
    """Say that only code that knows this revision may run from now on: call it where something goes.

    What a migration takes away was made unused a release before; `revision` is the newest of that release.
    """
    op.execute(sa.update(_ESQUEMA).values(minimo=revision))

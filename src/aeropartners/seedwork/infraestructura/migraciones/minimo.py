"""Declares which older code may run on a migrated schema; without a declaration all of it may."""

import sqlalchemy as sa
from alembic import op

_ESQUEMA = sa.table("esquema", sa.column("minimo"))


def exigir(revision: str) -> None:
    """Permit only code that knows `revision` from now on; call it in a migration that removes something.

    What a migration removes must be unused since the release before; `revision` is the newest of that
    release.
    """
    op.execute(sa.update(_ESQUEMA).values(minimo=revision))

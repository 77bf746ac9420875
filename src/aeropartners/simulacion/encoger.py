"""Shrinks a failing schedule: parts are left out as long as it still fails in the same way."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from aeropartners.simulacion.plan import Plan

Falla = Callable[[Plan], bool]
JUGADAS = 3_000


def encoger(plan: Plan, falla: Falla) -> Plan:
    """Return the shortest failing schedule that was found; `falla` plays a schedule and tells if it fails.

    At most JUGADAS schedules are played.
    """
    quedan = JUGADAS

    def vale(otro: Plan) -> bool:
        nonlocal quedan
        quedan -= 1
        return quedan >= 0 and falla(otro)

    while quedan > 0:
        menor = _acortar(_aligerar(plan, vale), vale)
        if menor == plan:
            break
        plan = menor
    return plan


def _aligerar(plan: Plan, vale: Falla) -> Plan:
    """Return the schedule with fewer sagas, fewer copies, and more sagas whose steps all succeed."""
    cambiado = True
    while cambiado:
        cambiado = False
        for otro in _mas_ligeros(plan):
            if vale(otro):
                plan, cambiado = otro, True
                break
    return plan


def _mas_ligeros(plan: Plan) -> Iterator[Plan]:
    if len(plan.sagas) > 1:
        for saga in plan.sagas:
            yield replace(plan, sagas=tuple(s for s in plan.sagas if s != saga))
    for i, copias in enumerate(plan.copias):
        if copias > 1:
            yield replace(plan, copias=(*plan.copias[:i], copias - 1, *plan.copias[i + 1 :]))
    for saga in plan.sagas:
        if saga not in plan.normales:
            yield replace(plan, normales=plan.normales | {saga})


def _acortar(plan: Plan, vale: Falla) -> Plan:
    """Return the schedule without the turns that are not needed: long runs first, then single turns."""
    largo = len(plan.acciones)
    while largo:
        desde = 0
        while desde < len(plan.acciones):
            sin = plan.acciones[:desde] + plan.acciones[desde + largo :]
            if vale(otro := replace(plan, acciones=sin)):
                plan = otro
            else:
                desde += largo
        largo //= 2
    return plan

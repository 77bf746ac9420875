"""The simulator: real engine, loops, relay and store, in one thread, on a clock and a broker that are not.

It ships: `aeropartners simular definicion` plays a user's own definition. It stands on the seedwork, the
contracts and the orchestrator; the tests add the modules.
"""

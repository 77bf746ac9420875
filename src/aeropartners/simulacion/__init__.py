"""The simulator: the real engine, loops, relay and store, in one thread, on a virtual clock and broker.

It is part of the product: `aeropartners simular definicion` plays a user's own definition. It uses the
seedwork, the contracts and the orchestrator; the tests add the modules.
"""

"""The system cafeteria (contract 000): an order, its stock and its confirmation, one saga over all."""

"""The system partners (contract 004): a partner, its verification and its contract, one saga over both."""

"""PARTNER_CREATION (contract 004): its definition, words, topics, table `saga_states`, and REST on 5003."""

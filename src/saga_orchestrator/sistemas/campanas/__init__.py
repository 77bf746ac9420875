"""CREAR_CAMPANA_COMPLETA (contract 001): its definition, and its REST on 8091."""

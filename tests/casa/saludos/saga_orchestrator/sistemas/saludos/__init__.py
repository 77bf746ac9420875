"""SALUDO_DOBLE, the saga of the toy system."""

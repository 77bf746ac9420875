"""Load on real processes; never imported by src."""

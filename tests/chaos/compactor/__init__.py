"""Chaos for the compactor: real Kafka, real S3, seeded faults, and proof that every event is there once."""

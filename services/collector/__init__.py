"""HTTP in, Kafka out: a batch is answered 202 only after Kafka has it on every replica that is in sync."""

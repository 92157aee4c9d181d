"""The collector beside baselines, on one Kafka."""

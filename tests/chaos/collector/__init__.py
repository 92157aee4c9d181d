"""The collector under fire: what it acknowledged is in Kafka, whatever was killed, paused, cut off or full."""

"""The same services on AWS."""

"""On the real native stack: what only the parts together can show."""

"""Faults on purpose: services run for real, broken by a seeded schedule, and judged by a ledger of what was sent."""

"""Tests by what they need: nothing (unit, property, house), one part (contract), the whole stack (integration, e2e)."""

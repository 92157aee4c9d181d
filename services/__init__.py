"""The programs that run: one folder each, five rooms in each (design, section 2)."""

"""The commit log in; one row per closed business day, site, page, link and placement, in PostgreSQL, out."""

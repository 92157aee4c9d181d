CREATE SCHEMA IF NOT EXISTS eyeshot;

CREATE TABLE IF NOT EXISTS eyeshot.rollup (
    zone text NOT NULL,
    day date NOT NULL,
    key bytea NOT NULL,
    site text NOT NULL,
    page text NOT NULL,
    link text NOT NULL,
    placement text NOT NULL,
    impressions bigint NOT NULL,
    clicks bigint NOT NULL,
    page_views bigint NOT NULL,
    page_views_of_page bigint NOT NULL,
    visible_ms bigint NOT NULL,
    timed_impressions bigint NOT NULL,
    viewable_rate double precision
        GENERATED ALWAYS AS (page_views::double precision / nullif(page_views_of_page, 0)) STORED,
    mean_visible_ms double precision
        GENERATED ALWAYS AS (visible_ms::double precision / nullif(timed_impressions, 0)) STORED,
    PRIMARY KEY (zone, day, key)
);
CREATE INDEX IF NOT EXISTS rollup_by_site ON eyeshot.rollup (site, day);
CREATE INDEX IF NOT EXISTS rollup_by_page ON eyeshot.rollup USING hash (page);
CREATE INDEX IF NOT EXISTS rollup_by_link ON eyeshot.rollup USING hash (link);

CREATE TABLE IF NOT EXISTS eyeshot.rollup_days (
    zone text NOT NULL,
    day date NOT NULL,
    manifest bigint NOT NULL,
    definition text NOT NULL,
    rows bigint NOT NULL,
    events bigint NOT NULL,
    duplicates bigint NOT NULL,
    suspects bigint NOT NULL,
    late bigint NOT NULL,
    computed_at timestamptz NOT NULL,
    PRIMARY KEY (zone, day)
);

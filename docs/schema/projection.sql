-- Generated from eyeshot/table.py by `make generate`. Read docs/projection.md first: not for a merged lake.

CREATE EXTERNAL TABLE `events` (
  `site` string COMMENT 'Public site key',
  `page` string COMMENT 'URL of the publisher''s page, without its query string',
  `referrer` string COMMENT 'URL the reader came from',
  `page_view_id` string COMMENT 'One per page view, shared by page and widgets: 128 random bits, base64url',
  `source` string COMMENT 'Which SDK instance counts the sequence: `page`, or `widget` and its frame number',
  `sequence` bigint COMMENT 'Number of the batch''s first event within (page view, source)',
  `sent_at` bigint COMMENT 'When the batch was sent: epoch ms, client clock',
  `sdk` string COMMENT 'SDK version',
  `viewport` array<int> COMMENT '[width, height] of the viewport, CSS px',
  `event_type` string COMMENT '`link_impression`, `widget_impression`, `link_click`, `page_end` (its `sequence` is how many came before), or a name of your own',
  `timestamp` bigint COMMENT 'When it happened: epoch ms, client clock',
  `link` string COMMENT 'The link''s address',
  `label` string COMMENT 'The publisher''s name for the link',
  `placement` string COMMENT '`inline` (in the page''s text) or `widget`',
  `widget` string COMMENT 'The widget''s id',
  `visible_ratio` double COMMENT 'Share of the area that was visible, 0…1',
  `visible_ms` bigint COMMENT 'How long it was visible in this page view until then, ms',
  `quality` bigint COMMENT 'Bit set of doubts, see the table of quality bits',
  `properties` string COMMENT 'Fields of your own: an object of string → scalar',
  `event_time` timestamp COMMENT 'When it happened, UTC, by the collector''s clock: skew taken out, clamped',
  `received_at` timestamp COMMENT 'When the collector (else the broker) got it, UTC',
  `user_agent_browser` string COMMENT 'Family of the browser',
  `user_agent_os` string COMMENT 'Family of the operating system',
  `user_agent_device` string COMMENT 'Family of the device',
  `ip_prefix` string COMMENT 'IPv4 /24 or IPv6 /48 of the reader; a full address is written nowhere',
  `suspect` string COMMENT 'Why it may be no person, or NULL',
  `extra` string COMMENT 'Every field that nobody declared, as one JSON object, or NULL',
  `kafka_partition` int COMMENT 'Kafka partition of the record',
  `kafka_offset` bigint COMMENT 'Kafka offset of the record',
  `batch_index` int COMMENT 'Place of the event in its batch, from 0'
)
PARTITIONED BY (`year` string, `month` string, `day` string)
STORED AS PARQUET
LOCATION 's3://lake/events'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.year.type' = 'integer',
  'projection.year.range' = '2025,2040',
  'projection.year.digits' = '4',
  'projection.month.type' = 'integer',
  'projection.month.range' = '1,12',
  'projection.month.digits' = '2',
  'projection.day.type' = 'integer',
  'projection.day.range' = '1,31',
  'projection.day.digits' = '2',
  'storage.location.template' = 's3://lake/events/year=${year}/month=${month}/day=${day}/'
);

CREATE EXTERNAL TABLE `rejected` (
  `reason` string COMMENT 'What was expected, and where',
  `value` binary COMMENT 'The record''s bytes as they were produced',
  `received_at` timestamp COMMENT 'The record''s time, UTC',
  `kafka_partition` int COMMENT 'Kafka partition of the record',
  `kafka_offset` bigint COMMENT 'Kafka offset of the record',
  `batch_index` int COMMENT 'Place of the event in its batch, from 0'
)
PARTITIONED BY (`year` string, `month` string, `day` string)
STORED AS PARQUET
LOCATION 's3://lake/rejected'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.year.type' = 'integer',
  'projection.year.range' = '2025,2040',
  'projection.year.digits' = '4',
  'projection.month.type' = 'integer',
  'projection.month.range' = '1,12',
  'projection.month.digits' = '2',
  'projection.day.type' = 'integer',
  'projection.day.range' = '1,31',
  'projection.day.digits' = '2',
  'storage.location.template' = 's3://lake/rejected/year=${year}/month=${month}/day=${day}/'
);

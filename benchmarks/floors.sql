-- The least that each answer can cost, in the fastest form we know. Values are bound by name, as psycopg2 does it.

-- The claims of these resources in a span, one row a resource.
-- name: availability
SELECT resource_id, string_agg(timestamptz_send(lower(during)) || timestamptz_send(upper(during)), ''::bytea)
  FROM bookings_claim
 WHERE resource_id = ANY(%(resources)s) AND lower(during) >= %(start)s - interval '24 hours' AND lower(during) < %(end)s
   AND (held_until IS NULL OR held_until > %(now)s)
 GROUP BY resource_id

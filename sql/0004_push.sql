-- Up Migration

CREATE SCHEMA IF NOT EXISTS backend;

-- Events and invalidations on their way to the gateways, appended in the transaction of what they tell about.
CREATE TABLE backend.push_outbox (
  -- In the order of writing, which is not the order of becoming visible: nobody may take it for a cursor.
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- The cursor: dense, given to committed rows only, one transaction at a time. NULL until then.
  position bigint UNIQUE,
  kind text NOT NULL CHECK (kind IN ('client_event', 'session_invalidation')),
  user_id uuid NOT NULL,
  -- NULL: all of the user's sessions.
  device_session_id uuid,
  event_type text,
  -- Of an invalidation: {"reason": …}.
  payload jsonb NOT NULL CHECK (jsonb_typeof(payload) = 'object'),
  trace_id text,
  created_at timestamptz NOT NULL,
  CHECK ((kind = 'client_event') = (event_type IS NOT NULL))
);

CREATE INDEX push_outbox_unnumbered ON backend.push_outbox (id) WHERE position IS NULL;

-- The one row of the numbering. A database that was restored from a backup has lost positions that gateways have seen:
-- give it a new epoch, and they start over.
CREATE TABLE backend.push_state (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  epoch uuid NOT NULL DEFAULT gen_random_uuid(),
  last_position bigint NOT NULL DEFAULT 0
);

INSERT INTO backend.push_state DEFAULT VALUES;

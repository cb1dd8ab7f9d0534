-- Up Migration

CREATE SCHEMA IF NOT EXISTS backend;

-- The mail outbox: what is to be sent is written together with its cause, and sent afterwards.
CREATE TABLE backend.mail_deliveries (
  -- Also the mail's Message-ID: sent twice by a crash, it is still recognizably one mail.
  id uuid PRIMARY KEY,
  kind text NOT NULL,
  recipient text NOT NULL,
  locale text NOT NULL,
  -- What the template is filled with; emptied once the delivery is final, because it holds secrets.
  vars jsonb NOT NULL,
  status text NOT NULL DEFAULT 'pending'
    CHECK (status IN ('pending', 'sending', 'retrying', 'sent', 'dead', 'suppressed', 'expired')),
  -- Higher goes first.
  priority integer NOT NULL,
  next_attempt_at timestamptz NOT NULL,
  -- While sending: whose claim it is, and until when. Then anybody may claim it again.
  lease_until timestamptz,
  lease_token uuid,
  -- Times it was claimed. Only failures use up the attempts it has.
  deliveries integer NOT NULL DEFAULT 0,
  failures integer NOT NULL DEFAULT 0,
  last_error text,
  expires_at timestamptz NOT NULL,
  dedup_key text UNIQUE,
  created_at timestamptz NOT NULL,
  sent_at timestamptz,
  CHECK ((status = 'sending') = (lease_token IS NOT NULL AND lease_until IS NOT NULL)),
  CHECK ((status = 'sent') = (sent_at IS NOT NULL))
);

-- Only what is still to be done: the claim stays quick however much has been sent.
CREATE INDEX mail_deliveries_open ON backend.mail_deliveries (priority DESC, next_attempt_at)
  WHERE status IN ('pending', 'retrying', 'sending');

-- What came of each claim. A number that is missing belongs to a worker that died.
CREATE TABLE backend.mail_attempts (
  delivery uuid NOT NULL REFERENCES backend.mail_deliveries (id) ON DELETE CASCADE,
  n integer NOT NULL,
  at timestamptz NOT NULL,
  outcome text NOT NULL,
  response_code integer,
  detail text NOT NULL,
  PRIMARY KEY (delivery, n)
);

-- Addresses that do not exist, as their servers have told.
CREATE TABLE backend.mail_suppressions (
  -- Canonical: lower case, domain in ASCII.
  address text PRIMARY KEY,
  reason text NOT NULL,
  at timestamptz NOT NULL
);

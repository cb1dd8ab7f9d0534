-- Up Migration

CREATE SCHEMA IF NOT EXISTS backend;

-- Somebody who has shown at least once that an e-mail address is theirs.
CREATE TABLE backend.users (
  id uuid PRIMARY KEY,
  -- As its owner wrote it, the domain in ASCII: mail goes here.
  email text NOT NULL CHECK (length(email) <= 254),
  -- What makes two addresses one: all in lower case.
  email_canonical text NOT NULL CHECK (email_canonical = lower(email COLLATE "C")),
  -- The handle: unique for ever, never changed.
  user_name text NOT NULL UNIQUE,
  display_name text NOT NULL,
  status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'permanent_blocked', 'deleted')),
  locale text NOT NULL,
  time_zone text NOT NULL,
  version bigint NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL
);

-- Who has deleted their account may come back with the same address, as somebody new.
CREATE UNIQUE INDEX users_email_canonical ON backend.users (email_canonical) WHERE status <> 'deleted';

-- A device that is signed in. The id is no secret: every use of it is signed with the device's key.
CREATE TABLE backend.device_sessions (
  id uuid PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES backend.users (id),
  -- Raw Ed25519.
  public_key bytea NOT NULL CHECK (octet_length(public_key) = 32),
  device_label text,
  status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'revoked')),
  revoke_reason text CHECK (revoke_reason IN
    ('logout', 'user', 'admin', 'permanent_block', 'deleted', 'expired', 'superseded', 'key_reuse')),
  created_at timestamptz NOT NULL,
  -- Within a minute: not every use is written down.
  last_seen_at timestamptz NOT NULL,
  -- At the latest; a session that is not used ends earlier.
  expires_at timestamptz NOT NULL,
  revoked_at timestamptz,
  CHECK ((status = 'revoked') = (revoke_reason IS NOT NULL AND revoked_at IS NOT NULL))
);

CREATE UNIQUE INDEX device_sessions_public_key ON backend.device_sessions (public_key) WHERE status = 'active';
CREATE INDEX device_sessions_active ON backend.device_sessions (user_id) WHERE status = 'active';

-- A sign-in code that somebody asked for. Whether it was ever mailed cannot be told from its row.
CREATE TABLE backend.auth_challenges (
  id uuid PRIMARY KEY,
  email text NOT NULL,
  email_canonical text NOT NULL,
  locale text NOT NULL,
  -- HMAC-SHA-256 of id and code under a pepper that is not in this database; noise when no code was mailed.
  code_mac bytea NOT NULL CHECK (octet_length(code_mac) = 32),
  pepper_kid text NOT NULL,
  attempts smallint NOT NULL DEFAULT 0 CHECK (attempts BETWEEN 0 AND 5),
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  consumed_at timestamptz,
  -- What came of it: the same device may ask again when the answer got lost.
  result_session uuid REFERENCES backend.device_sessions (id),
  requester_ip_hash bytea CHECK (octet_length(requester_ip_hash) = 32),
  CHECK ((consumed_at IS NULL) = (result_session IS NULL))
);

CREATE INDEX auth_challenges_email_canonical ON backend.auth_challenges (email_canonical);
CREATE INDEX auth_challenges_expires_at ON backend.auth_challenges (expires_at);

-- What was mailed to an address and what was guessed for it, moment by moment: the budgets are sums over these rows.
CREATE TABLE backend.email_send_windows (
  email_canonical text NOT NULL,
  window_start timestamptz NOT NULL,
  sends integer NOT NULL DEFAULT 0 CHECK (sends >= 0),
  -- Attempts to confirm that have not succeeded.
  failures integer NOT NULL DEFAULT 0 CHECK (failures >= 0),
  PRIMARY KEY (email_canonical, window_start)
);

CREATE INDEX email_send_windows_window_start ON backend.email_send_windows (window_start);

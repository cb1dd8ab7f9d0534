-- Up Migration

-- By these, sessions that ended long ago are found, oldest first. Those that ended by running out have no index of their
-- own: it would have to be written each time a device is seen, and is looked for once an hour.
CREATE INDEX device_sessions_revoked ON backend.device_sessions (revoked_at) WHERE status = 'revoked';

-- A session is forgotten long after anybody may ask again what came of its code.
ALTER TABLE backend.auth_challenges
  DROP CONSTRAINT auth_challenges_result_session_fkey,
  ADD CONSTRAINT auth_challenges_result_session_fkey
    FOREIGN KEY (result_session) REFERENCES backend.device_sessions (id) ON DELETE CASCADE;

CREATE INDEX auth_challenges_result_session ON backend.auth_challenges (result_session)
  WHERE result_session IS NOT NULL;

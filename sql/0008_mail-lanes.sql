-- Up Migration

-- Mail is sent by lane, so that no other mail delays sign-in codes, and fairly by domain of the recipient. The defaults are
-- for the previous version, which goes on enqueueing while this one starts: it knows sign-in codes only.
ALTER TABLE backend.mail_deliveries
  ADD COLUMN lane text NOT NULL DEFAULT 'sign_in',
  ADD COLUMN domain text GENERATED ALWAYS AS (lower(split_part(recipient, '@', 2))) STORED,
  -- Mail had been sent to the domain before this one was enqueued.
  ADD COLUMN domain_known boolean NOT NULL DEFAULT false,
  -- Who caused it, in a form that names nobody: mail of one cause has a share of the connections only.
  ADD COLUMN source text,
  -- Attempts that nobody answered in all the time that they have.
  ADD COLUMN stalls integer NOT NULL DEFAULT 0,
  -- Claims in a row whose outcome was never written: the worker died, or the database refused the outcome.
  ADD COLUMN unrecorded integer NOT NULL DEFAULT 0;

-- Quarantined: set aside, because its outcome could not be written again and again.
ALTER TABLE backend.mail_deliveries
  DROP CONSTRAINT mail_deliveries_status_check,
  ADD CONSTRAINT mail_deliveries_status_check
    CHECK (status IN ('pending', 'sending', 'retrying', 'sent', 'dead', 'suppressed', 'expired', 'quarantined'));

-- Only what is still to be done, by lane.
CREATE INDEX mail_deliveries_lane ON backend.mail_deliveries (lane, priority DESC, next_attempt_at)
  WHERE status IN ('pending', 'retrying', 'sending');

-- Whether mail has been sent to a domain.
CREATE INDEX mail_deliveries_sent_domains ON backend.mail_deliveries (domain) WHERE status = 'sent';

-- By this old mail is found that is to be forgotten: as before, with what is quarantined.
DROP INDEX backend.mail_deliveries_final;
CREATE INDEX mail_deliveries_final ON backend.mail_deliveries (created_at)
  WHERE status IN ('sent', 'dead', 'suppressed', 'expired', 'quarantined');

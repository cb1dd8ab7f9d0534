-- Up Migration

-- By these old mail is found that is to be forgotten, oldest first.
CREATE INDEX mail_deliveries_final ON backend.mail_deliveries (created_at)
  WHERE status IN ('sent', 'dead', 'suppressed', 'expired');

-- What was over before it was there was never to be sent: it is forgotten sooner.
CREATE INDEX mail_deliveries_decoys ON backend.mail_deliveries (created_at)
  WHERE status = 'expired' AND expires_at <= created_at;

-- Up Migration

-- Every object of the embedded resource server as it is now.
CREATE TABLE resource (
  -- Plural name and group: games.galaxy.dev; namespaces, events of the core group stand alone.
  kind text COLLATE "C" NOT NULL,
  -- '' for cluster-scoped kinds.
  namespace text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  -- The resourceVersion: the log's version of the last write.
  version bigint NOT NULL,
  -- json, not jsonb: field order and numbers come back as they were written.
  object json NOT NULL,
  PRIMARY KEY (kind, namespace, name)
);

-- What happened lately, in order: watches and lists that were interrupted resume from here.
-- The newest row also carries the version counter over a restart, so it is never trimmed away.
CREATE TABLE resource_log (
  version bigint PRIMARY KEY,
  type text NOT NULL CHECK (type IN ('ADDED', 'MODIFIED', 'DELETED')),
  kind text COLLATE "C" NOT NULL,
  namespace text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  -- After the write; for DELETED the last state, with the version of the deletion.
  object json NOT NULL,
  -- Before the write: selectors that match only one side turn it into an addition or a deletion.
  previous json
);

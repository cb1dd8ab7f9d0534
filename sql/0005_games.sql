-- Up Migration

CREATE SCHEMA IF NOT EXISTS backend;

-- What the players of each game have been told. It moves in the transaction that writes the events about it, so that
-- nothing is told twice and the newest turn is never missed. Games themselves live in the Kubernetes API.
CREATE TABLE backend.game_announcements (
  game_uid uuid PRIMARY KEY,
  -- Null before the engine has created the game.
  turn integer CHECK (turn >= 0),
  next_turn_at timestamptz,
  stage text NOT NULL DEFAULT 'waiting' CHECK (stage IN ('waiting', 'playing', 'paused', 'finished')),
  -- Due turns given up in a row.
  failed_turns integer NOT NULL DEFAULT 0 CHECK (failed_turns >= 0),
  -- Of the Game as it was told: a replica that is behind must not tell the past.
  resource_version text NOT NULL DEFAULT '',
  updated_at timestamptz NOT NULL
);

/** What the status of a Game and its events can say, held to the code by `test/docs/`. Reason → meaning. */
type Reasons = Readonly<Record<string, string>>

export type ConditionPage = { type: string; meaning: string; reasons: Reasons }

/** Why no engine serves the game, told by EngineReady and Ready alike. */
const notReady: Reasons = {
  NoEngineVersion:
    'no enabled EngineVersion is in the range of `spec.engine.version`; the message lists those there are',
  NoPlayers: '`spec.players` is empty and there is no lobby: the game starts once it has players',
  WaitingForPlayers: 'the lobby has not filled the roster yet',
  Pulling: 'the image is being fetched',
  Starting: 'the engine has been started and does not answer yet',
  Unschedulable:
    'no node has room for the engine or can fetch its image, is what it asks for, or would have it; it starts by itself when one is there',
  Initializing: 'the engine is creating the game',
  BackOff: 'starts have failed; the message says until when the next one waits, and why',
  ImageUnavailable: 'the image cannot be had',
  StartFailed: 'the host cannot create or start the engine',
  NeverHealthy: 'the engine did not answer in time after its start',
  InitRefused: 'the engine refuses the players or the settings',
  InitFailed: 'the engine did not create the game in time, or answered nonsense',
  Unreachable: 'an engine that was well does not answer',
  ManyUnreachable: 'most engines do not answer the controller at once; none is replaced for that',
  BadAnswer: 'the engine answers something that is not the contract',
  Unresponsive: 'it has not answered for too long and is replaced',
  NodeAway: 'its machine is away; the engine may still run there, so no other is started',
  Updating: 'the engine is being replaced, because the spec asks for another one',
  Drifted: 'more than one engine of this game runs; all are ended and one is started',
  StateLost: 'the engine no longer has the state that the status knows',
  Hibernated: 'nobody plays; the engine is stopped, its state kept',
  Waking: 'there is a reason to wake it',
  Stopped: '`spec.runState` is `Stopped`',
  Deleting: 'the Game is being deleted',
  InvalidSpec: 'the spec is wrong, and no admission stood before it',
}

export const gameConditions: readonly ConditionPage[] = [
  {
    type: 'Ready',
    meaning: 'An engine serves the game. What `kubectl wait --for=condition=Ready` waits for.',
    reasons: { Ready: 'it does', ...notReady },
  },
  {
    type: 'EngineReady',
    meaning: 'The engine answers. `Unknown` while its machine is away, or most engines do not answer.',
    reasons: { Healthy: 'it does', ...notReady },
  },
  {
    type: 'Initialized',
    meaning: 'The engine has created the game: from here on players, settings and storage class are fixed.',
    reasons: { Initialized: 'it has', StateLost: 'its state was lost before the first turn; it is created again' },
  },
  {
    type: 'TurnsActive',
    meaning: 'Turns are generated.',
    reasons: {
      Scheduled: 'by `spec.turns.schedule`',
      OnDemand: 'whenever `spec.turns.forceToken` changes',
      Paused: '`spec.runState` is `Paused`',
      TurnFailures: 'too many due turns failed; a change of the spec goes on',
      WaitingForRegistration: 'a lobby game: the lobby has not registered the runtime',
      WaitingForPlayers: 'a lobby game: its roster is not full',
      NoPlayers: 'see `Ready`',
      Finished: 'the game is over, or `spec.turns.maxTurns` is reached',
      Stopped: '`spec.runState` is `Stopped`',
      StateLost: 'see `Ready`',
      InvalidSpec: 'see `Ready`',
      Deleting: 'see `Ready`',
    },
  },
  {
    type: 'Degraded',
    meaning: 'Something is wrong that may need a person. Attempts go on, with growing pauses.',
    reasons: {
      AsExpected: 'nothing is wrong (`False`)',
      WaitingForPlayers: 'nothing is wrong (`False`); the lobby has not filled the roster yet',
      NoPlayers:
        'nothing is wrong (`False`), but nobody can play: see `Ready`, or the game was created without players',
      DeletionHeld:
        'the Game was deleted while `galaxy.dev/reconcile` is `disabled`: engine and data stay until that annotation is removed',
      NoEngineVersion: 'see `Ready`; or the EngineVersion that the game runs is gone',
      ImageUnavailable: 'see `Ready`',
      StartFailed: 'see `Ready`',
      Unschedulable: 'see `Ready`',
      SlowStart: 'its machine prepares it for longer than a start may take; after ten minutes that is `StartFailed`',
      HostUnavailable: 'for half a minute the host has not done what the game needs, be it to start or to be deleted',
      EngineExited: 'the engine ended before it was ready; the message has its last words, unless it was killed',
      NeverHealthy: 'see `Ready`',
      BadAnswer: 'see `Ready`',
      InitRefused: 'see `Ready`',
      InitFailed: 'see `Ready`',
      CrashLooping: 'an engine that was ready ends again and again',
      OutOfMemory:
        'it was killed for want of memory, before it was ready or again and again; the message has its limit',
      Unresponsive: 'see `Ready`',
      NodeAway: 'see `Ready`',
      TurnFailed: 'a due turn failed as often as it may and was given up',
      StateLost: 'see `Ready`; a person must restore the data or give the game up',
      InvalidSpec: 'see `Ready`',
    },
  },
  {
    type: 'VolumeReady',
    meaning: "The game's volume is as the spec asks. Only told on clusters, once something was to tell.",
    reasons: {
      AsExpected: 'it is',
      BeingRemoved: 'somebody has deleted the volume: its data goes when the engine ends',
      CannotGrow: 'the storage class does not let it grow',
      CannotShrink: 'the spec asks for less than there is',
    },
  },
]

export const engineVersionConditions: readonly ConditionPage[] = [
  {
    type: 'Resolved',
    meaning: 'The version is known.',
    reasons: {
      Available: 'new games may start with it',
      Disabled: '`spec.disabled`: games that run it go on, no new one starts with it',
    },
  },
]

type Events = Readonly<Record<'Normal' | 'Warning', Reasons>>

export const gameEvents: Events = {
  Normal: {
    Pulled: 'the image is here, and how long that took',
    Started: 'an engine is started, and where',
    Initialized: 'the engine has created the game',
    TurnGenerated:
      'a turn is complete, and how long it took; one event counts them, with the newest turn, and is written at most once a minute',
    TurnSkipped: 'a due turn was passed over, why, and when the next one runs',
    ForcedTurnWaits: 'a turn is asked for while none run, and what becomes of it',
    Paused: '`spec.runState` is `Paused`',
    WaitingForRegistration: 'the lobby has not registered the runtime yet',
    Finished: 'the game is over',
    Hibernated: 'the engine sleeps',
    Woken: 'it is being woken, and why',
    Adopted: 'a running engine that the status did not know was taken over',
    Updated: 'the engine is being replaced, because the spec asks for another one',
    Stopping: 'the engine is being stopped, because the Game is being deleted',
    Stopped: 'the engine is stopped, its state is kept',
    VolumeGrowing: 'a larger volume was asked for',
  },
  Warning: {
    Unreadable:
      'this version of the controller cannot read the Game, and leaves it and its engine alone; the message has why',
    NoEngineVersion: 'see the condition `Ready`',
    DeletionHeld: 'see the condition `Degraded`',
    ImageUnavailable: 'see the condition `Ready`',
    StartFailed: 'see the condition `Ready`',
    Unschedulable: 'see the condition `Ready`',
    SlowStart: 'see the condition `Degraded`',
    HostUnavailable: 'see the condition `Degraded`',
    EngineExited: 'see the condition `Degraded`',
    NeverHealthy: 'see the condition `Ready`',
    BadAnswer: 'see the condition `Ready`',
    InitRefused: 'see the condition `Ready`',
    InitFailed: 'see the condition `Ready`',
    Restarted: 'an engine that was ready ended, and is started again; with its last words, unless it was killed',
    CrashLooping: 'it ends again and again',
    OutOfMemory: 'the engine was killed for want of memory, and is started again; the message has its limit',
    Unresponsive: 'it did not answer for too long and is replaced',
    NodeAway: 'see the condition `Ready`',
    Drifted: 'see the condition `Ready`',
    TurnFailed: 'an attempt at a turn failed, and why',
    TurnRolledBack: 'the engine stands at an earlier turn than the status: its data was restored',
    Paused: 'too many due turns failed',
    StateLost: 'see the condition `Ready`',
    VolumeBeingRemoved: 'see the condition `VolumeReady`',
    VolumeCannotGrow: 'see the condition `VolumeReady`',
    VolumeCannotShrink: 'see the condition `VolumeReady`',
  },
}

export const engineVersionEvents: Events = {
  Normal: {},
  Warning: { InUse: 'it was deleted and stays until the Games that the message names no longer run it' },
}

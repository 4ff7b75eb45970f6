/** The types that those who announce changes and those who want to know of them have in common. */

export interface TrackingListener {
  /** Announcements arrive from now on. */
  onStart(): void;
  /** Announcements may be lost from now on. */
  onStop(): void;
  /** `undefined`: all keys. */
  onChange(key: string | undefined): void;
}

/** One listener's share in the tracking of a client, which all its listeners have in common. */
export interface Tracking {
  /** Whether Redis announces this connection's own changes too. If not, a script that changes a key reads it again. */
  readonly announcesOwn: boolean;
  /**
   * Whether each server that a command may have gone to announces its changes right now. To be asked when a command is
   * answered: a cluster may have got another server meanwhile. If one did not announce when the command was sent, and does
   * now, `onStop` and `onStart` have been called in between.
   */
  isComplete(): boolean;
  /**
   * This listener's owner changed a key through the client. If Redis does not announce that, the other listeners are
   * told.
   */
  changed(key: string): void;
  close(): Promise<void>;
}

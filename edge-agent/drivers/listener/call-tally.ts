/** Calls that came to nothing at the ports of one protocol, open or closed since, as long as the process has run. */
export class CallTally {
  /** Nobody by that name was expected, or they never said who they are. */
  unknown = 0;
  /** Somebody was expected, and could not prove to be that device. */
  refused = 0;
}

export type CallCounts = Readonly<CallTally>;

/** Cuts what a line of meters carries into frames that say their length and end with a checksum. */
export interface FrameReading<Frame> {
  /** Of the frame that begins here, as far as it can be told; undefined where none begins. */
  readonly lengthOf: (bytes: Uint8Array) => number | undefined;
  /** Undefined for what is no frame, such as one with a wrong checksum. */
  readonly parse: (bytes: Uint8Array) => Frame | undefined;
}

/** Takes pieces of any size; noise and frames that are none are passed over, a byte at a time. */
export class FrameSplitter<Frame> {
  readonly #reading: FrameReading<Frame>;
  #rest: Uint8Array = new Uint8Array(0);

  constructor(reading: FrameReading<Frame>) {
    this.#reading = reading;
  }

  push(bytes: Uint8Array): readonly Frame[] {
    let rest = Uint8Array.from([...this.#rest, ...bytes]);
    const frames: Frame[] = [];
    while (rest.length > 0) {
      const length = this.#reading.lengthOf(rest);
      if (length === undefined) rest = rest.subarray(1);
      else if (rest.length < length) break;
      else {
        const frame = this.#reading.parse(rest.subarray(0, length));
        if (frame !== undefined) frames.push(frame);
        rest = rest.subarray(frame === undefined ? 1 : length);
      }
    }
    this.#rest = rest.slice();
    return frames;
  }
}

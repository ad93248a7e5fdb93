/**
 * H.264 (ITU-T H.264) in its simplest form: every picture an IDR picture of the Baseline profile, whose macroblocks are
 * either raw samples (I_PCM) or the plain grey that a decoder predicts where it knows nothing. No encoder is needed to
 * play a camera, and every decoder understands it.
 */

/** Luma of one pixel, 16 (black) to 235 (white). */
export type Luma = (x: number, y: number) => number;

const MACROBLOCK = 16;
const NEUTRAL = 128;
/** Pictures up to so many macroblocks are drawn in full; larger ones only in their last row. */
export const DRAWN_MACROBLOCKS_MAX = 1_024;
const NAL_IDR = 0x65;
const NAL_SPS = 0x67;
const NAL_PPS = 0x68;
const NAL_FILLER = 0x0c;

/** Bits, the highest first (clause 7.2). */
class BitWriter {
  readonly #bytes: number[] = [];
  #current = 0;
  #count = 0;

  bits(value: number, count: number): this {
    for (let i = count - 1; i >= 0; i -= 1) {
      this.#current = (this.#current << 1) | ((value >>> i) & 1);
      this.#count += 1;
      if (this.#count === 8) {
        this.#bytes.push(this.#current);
        this.#current = 0;
        this.#count = 0;
      }
    }
    return this;
  }

  /** Exp-Golomb code (clause 9.1). */
  ue(value: number): this {
    const length = 32 - Math.clz32(value + 1);
    return this.bits(0, length - 1).bits(value + 1, length);
  }

  align(): this {
    while (this.#count > 0) this.bits(0, 1);
    return this;
  }

  raw(byte: number): void {
    this.#bytes.push(byte);
  }

  /** With the stop bit (clause 7.3.2.11). */
  end(): readonly number[] {
    this.bits(1, 1).align();
    return this.#bytes;
  }
}

/** A NAL unit without a start code; emulation of start codes is prevented (clause 7.4.1). */
function nal(header: number, payload: readonly number[]): Uint8Array {
  const bytes = [header];
  let zeros = 0;
  for (const byte of payload) {
    if (zeros >= 2 && byte <= 3) {
      bytes.push(3);
      zeros = 0;
    }
    bytes.push(byte);
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  return Uint8Array.from(bytes);
}

const inMacroblocks = (pixels: number): number => Math.ceil(pixels / MACROBLOCK);

/** Clause 7.3.2.1.1; width and height are even. */
export function sequenceParameterSet(width: number, height: number): Uint8Array {
  const columns = inMacroblocks(width);
  const rows = inMacroblocks(height);
  const writer = new BitWriter()
    .bits(66, 8) // profile_idc: Baseline
    .bits(0xc0, 8)
    .bits(51, 8) // level_idc 5.1
    .ue(0)
    .ue(0) // log2_max_frame_num_minus4
    .ue(2) // pic_order_cnt_type: output order is decoding order
    .ue(0) // max_num_ref_frames
    .bits(0, 1)
    .ue(columns - 1)
    .ue(rows - 1)
    .bits(1, 1) // frame_mbs_only_flag
    .bits(1, 1)
    .bits(1, 1) // frame_cropping_flag
    .ue(0)
    .ue((columns * MACROBLOCK - width) / 2)
    .ue(0)
    .ue((rows * MACROBLOCK - height) / 2)
    .bits(0, 1); // no VUI
  return nal(NAL_SPS, writer.end());
}

/** Clause 7.3.2.2. */
export function pictureParameterSet(): Uint8Array {
  const writer = new BitWriter()
    .ue(0)
    .ue(0)
    .bits(0, 2) // CAVLC, no bottom field order
    .ue(0)
    .ue(0)
    .ue(0)
    .bits(0, 3)
    .ue(0) // pic_init_qp: se(0)
    .ue(0)
    .ue(0)
    .bits(0b100, 3); // deblocking_filter_control_present_flag
  return nal(NAL_PPS, writer.end());
}

/** One picture (clauses 7.3.3 and 7.3.5). `count` tells it from its neighbours. */
export function picture(width: number, height: number, count: number, luma: Luma): Uint8Array {
  const columns = inMacroblocks(width);
  const rows = inMacroblocks(height);
  const isDrawn = columns * rows <= DRAWN_MACROBLOCKS_MAX;
  const writer = new BitWriter()
    .ue(0)
    .ue(7) // slice_type: I, all of the picture
    .ue(0)
    .bits(0, 4) // frame_num
    .ue(count % 2) // idr_pic_id
    .bits(0, 2)
    .ue(0) // slice_qp_delta: se(0)
    .ue(1); // no deblocking
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      // What follows a drawn macroblock would be predicted from it: only the end of the picture may be drawn.
      const drawn = isDrawn || (row === rows - 1 && column >= columns - MACROBLOCK);
      if (drawn) drawMacroblock(writer, column * MACROBLOCK, row * MACROBLOCK, luma);
      else greyMacroblock(writer);
    }
  }
  return nal(NAL_IDR, writer.end());
}

function drawMacroblock(writer: BitWriter, left: number, top: number, luma: Luma): void {
  writer.ue(25).align(); // mb_type: I_PCM
  for (let y = 0; y < MACROBLOCK; y += 1) {
    for (let x = 0; x < MACROBLOCK; x += 1) writer.raw(luma(left + x, top + y));
  }
  for (let i = 0; i < (MACROBLOCK * MACROBLOCK) / 2; i += 1) writer.raw(NEUTRAL);
}

/** I_16x16 by DC prediction without a residual: 128 where there is no neighbour, and what the neighbour is elsewhere. */
function greyMacroblock(writer: BitWriter): void {
  writer.ue(3).ue(0).ue(0).bits(1, 1); // mb_type, intra_chroma_pred_mode, mb_qp_delta, coeff_token: none
}

/** Filler data (clause 7.3.2.7), which decoders skip: it makes up a bit rate. */
export function filler(bytes: number): Uint8Array {
  const unit = new Uint8Array(bytes + 2).fill(0xff);
  unit[0] = NAL_FILLER;
  unit[unit.length - 1] = 0x80;
  return unit;
}

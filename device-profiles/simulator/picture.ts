import jpeg from "jpeg-js";

const WIDTH = 320;
const HEIGHT = 180;
const QUALITY = 70;
const BLOCK = 40;
/** The time is written as bars along the top: seconds since the epoch, one bit a column, the highest first. */
const BARS = 32;
const BAR_HEIGHT = 10;

export interface Scene {
  readonly time_ms: number;
  readonly motion: boolean;
  readonly loss: boolean;
  readonly tamper: boolean;
}

/**
 * What the simulated camera sees: an evening sky, a block that walks across it while something moves, and the time.
 * Without signal it is black; with a hand before the lens it is dark brown.
 */
export function takePicture(scene: Scene): Buffer {
  const data = Buffer.alloc(WIDTH * HEIGHT * 4);
  const second = Math.floor(scene.time_ms / 1000);
  const left = scene.motion ? Math.floor(scene.time_ms / 50) % (WIDTH - BLOCK) : WIDTH - BLOCK;
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      data.writeUInt32BE(colourAt(x, y, left, second, scene) * 256 + 255, (y * WIDTH + x) * 4);
    }
  }
  return jpeg.encode({ data, width: WIDTH, height: HEIGHT }, QUALITY).data;
}

/** 0xRRGGBB. */
function colourAt(x: number, y: number, left: number, second: number, scene: Scene): number {
  if (scene.loss) return 0x000000;
  if (y < BAR_HEIGHT) {
    const bit = Math.floor((x * BARS) / WIDTH);
    return Math.floor(second / 2 ** (BARS - 1 - bit)) % 2 === 1 ? 0xffffff : 0x000000;
  }
  if (scene.tamper) return 0x281810;
  const inBlock = x >= left && x < left + BLOCK && y >= HEIGHT - 2 * BLOCK && y < HEIGHT - BLOCK;
  if (inBlock) return 0xc83c28;
  return (Math.floor((y * 160) / HEIGHT) << 16) | (Math.floor((x * 120) / WIDTH) << 8) | 140;
}

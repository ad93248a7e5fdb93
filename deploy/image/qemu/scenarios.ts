/** What a box has to live through, one after the other: each begins with the box as the one before has left it. */
import { strict as assert } from "node:assert";
import { eventually } from "../../testing/awaiting.ts";
import { stickInstalls } from "./install-stick.ts";
import { rollOutFails, rollOutHolds } from "./roll-outs.ts";
import { COME_MS_MAX, type Found, markedGood, rollsBack, stopwatch, untouched, written } from "./steps.ts";
import type { Trial } from "./trial.ts";
import { VERSIONS } from "./trial-images.ts";

/** Who a box is to the networks that it is in, from its first start on. */
const MACHINE = "cat /etc/machine-id /data/machine-id";

export interface BoxScenario {
  readonly title: string;
  readonly run: (trial: Trial) => Promise<Found>;
}

export const BOX_SCENARIOS: Readonly<Record<string, BoxScenario>> = {
  "first-start": {
    title: "a new box with edge.conf on its disk, and nobody at it",
    run: async (trial) => {
      await trial.unpack();
      const watch = stopwatch();
      const box = trial.box();
      const started = eventually(
        "GRUB starts",
        async () => (box.starts > 0 ? watch() : undefined),
        COME_MS_MAX,
      );
      const reading = eventually(
        "the first reading",
        async () => ((await trial.hub.newestReading()) === undefined ? undefined : watch()),
        COME_MS_MAX,
      );
      const seconds = { GRUB: await started, "first reading at the hub": await reading };
      const status = await box.must("cat /media/EDGECFG/*STATUS.txt");
      assert.match(status, /Code: enrolled/);
      assert.doesNotMatch(await box.must("cat /media/EDGECFG/edge.conf"), /^token/m);
      assert.equal((await trial.comesTo("idle")).running.version, VERSIONS.first);
      await markedGood(trial, "A");
      // The system itself takes no change, and its data lies on the partition that was made at this start.
      assert.match(await box.must("findmnt -no FSTYPE,OPTIONS /run/overlay/system"), /squashfs.*\bro\b/);
      const size = Number(await box.must("lsblk -bno SIZE /dev/disk/by-partlabel/data"));
      assert.ok(size > 3 * 1024 ** 3, `the data partition has ${size} bytes`);
      return { became: "enrolled, read, status file written, data partition made and grown", seconds };
    },
  },
  refused: {
    title: "bundles that are changed, expired, signed by another, for other hardware, cut short",
    run: async (trial) => {
      await trial.settled();
      const codes = {
        changed: "bad-signature",
        expired: "certificate-expired",
        foreign: "bad-signature",
        "other-hardware": "wrong-compatible",
        "cut-short": "not-a-bundle",
      } as const;
      for (const [name, code] of Object.entries(codes) as [keyof typeof codes, string][]) {
        const { code: exit, text } = await trial.install(await trial.bring(trial.images.refused[name]));
        assert.equal(exit, 1, text);
        const update = await trial.update();
        assert.deepEqual([update.state, update.code], ["refused", code], text);
        assert.match(text, new RegExp(update.message?.zh.slice(0, 8) ?? "!"));
      }
      await untouched(trial);
      return { became: "each refused with its own code and a sentence in both languages, nothing written" };
    },
  },
  damaged: {
    title: "a bundle whose signature is good and of whose content a block is not",
    run: async (trial) => {
      await trial.settled();
      const { code, text } = await trial.install(await trial.bring(trial.images.refused.damaged));
      assert.equal(code, 1, text);
      const update = await trial.update();
      assert.deepEqual([update.state, update.code], ["failed", "content-damaged"], text);
      await untouched(trial);
      return { became: "stopped at the block, what runs untouched" };
    },
  },
  interrupted: {
    title: "the power is cut while a slot is written",
    run: async (trial) => {
      const { running } = await trial.settled();
      const file = await trial.bring(trial.images.bundles.good);
      await trial.box().must(`campus-ops-update install ${file} > /dev/null 2>&1 &`);
      await written(trial);
      await trial.cutPower();
      const update = await trial.comesTo("failed");
      assert.equal(update.code, "interrupted");
      assert.deepEqual(update.running, running);
      await trial.readsAgain();
      return { became: "starts what ran before, and says that it was interrupted" };
    },
  },
  good: {
    title: "a good bundle",
    run: async (trial) => {
      const before = await trial.settled();
      const file = await trial.bring(trial.images.bundles.good);
      const watch = stopwatch();
      const box = trial.box();
      const machine = await box.must(MACHINE);
      const starts = box.starts;
      const { code, text } = await trial.install(file);
      assert.equal(code, 0, text);
      const seconds: Record<string, number> = { installed: watch() };
      await box.startedAnew(starts);
      const update = await trial.comesTo("done", "rolled-back");
      seconds.believed = watch();
      assert.equal(update.state, "done", JSON.stringify(update));
      assert.equal(update.running.version, VERSIONS.good);
      assert.notEqual(update.running.slot, before.running.slot);
      await markedGood(trial, update.running.slot);
      // A DHCP server gives another address to another machine.
      assert.equal(await box.must(MACHINE), machine);
      await trial.readsAgain();
      return {
        became: `runs from ${update.running.slot} as the same machine, believed, readings go on`,
        seconds,
      };
    },
  },
  older: {
    title: "a bundle that is older, and the one that runs already",
    run: async (trial) => {
      await trial.settled();
      const first = trial.images.disk.replace(/\.img$/, ".raucb");
      for (const [bundle, code] of [
        [first, "older-version"],
        [trial.images.bundles.good, "same-version"],
      ] as const) {
        const said = await trial.install(await trial.bring(bundle));
        assert.equal(said.code, 1, said.text);
        assert.equal((await trial.update()).code, code);
      }
      await untouched(trial);
      return { became: "refused, nothing written" };
    },
  },
  "bad-kernel": {
    title: "a bundle whose kernel does not start",
    run: async (trial) => {
      const { seconds, slots, update } = await rollsBack(trial, trial.images.bundles["bad-kernel"]);
      assert.equal(update.code, "did-not-boot");
      return {
        became: `tried ${slots.length - 1} times (${slots}), back to ${update.running.version}`,
        seconds,
      };
    },
  },
  "bad-agent": {
    title: "a bundle whose agent ends at once",
    run: async (trial) => {
      const { seconds, slots, update } = await rollsBack(trial, trial.images.bundles["bad-agent"]);
      assert.equal(update.code, "agent-unstable");
      return { became: `gives itself up (${slots}), back to ${update.running.version}`, seconds };
    },
  },
  "bad-roll-out": {
    title: "the same, rolled out from the console to the box that its hub has enrolled",
    run: rollOutFails,
  },
  stick: {
    title: "a stick with a bundle, in a box whose clock says 1970",
    run: async (trial) => {
      await trial.box().must("sync");
      await trial.cutPower();
      const stick = trial.stick(trial.images.bundles.stick);
      const watch = stopwatch();
      trial.box({ clock: "1970-01-01T00:00:00", stick });
      const update = await eventually(
        "the stick's system runs",
        async () => {
          const each = await trial.comesTo("done", "rolled-back", "refused", "failed");
          return each.target === VERSIONS.stick ? each : undefined;
        },
        COME_MS_MAX,
      );
      assert.equal(update.state, "done", JSON.stringify(update));
      assert.equal(update.running.version, VERSIONS.stick);
      const seconds = { believed: watch() };
      assert.match(trial.onStick(stick, "升级-UPDATE.txt"), /waiting|restarting/);
      return { became: `installed and believed; its clock: ${update.at}`, seconds };
    },
  },
  "roll-out": {
    title: "a good bundle, rolled out from the console",
    run: rollOutHolds,
  },
  uefi: {
    title: "the same disk, started by UEFI",
    run: async (trial) => {
      await trial.box().must("sync");
      await trial.cutPower();
      await trial.box({ uefi: true }).must("test -d /sys/firmware/efi");
      const { running } = await trial.settled();
      await trial.readsAgain();
      return { became: `starts ${running.version} from ${running.slot}` };
    },
  },
  "install-stick": {
    title: "a stick that installs, in a box with a blank disk, and once more when that is written",
    run: stickInstalls,
  },
};

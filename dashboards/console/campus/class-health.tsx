import { DEVICE_CLASSES, type DeviceClass } from "@campus-ops/device-profiles/vocabulary";
import type { DeviceView } from "@campus-ops/ingest/api";
import { Link } from "wouter";
import { TableFrame } from "../controls/table-frame.tsx";
import { HEALTHS, HealthWord } from "../devices/health.tsx";
import { capitalised } from "../format/value.ts";
import { useSpeech } from "../text/language.tsx";

/** Devices by class and health; every figure leads to the devices it counts. */
export function ClassHealthTable({
  campus,
  devices,
}: {
  readonly campus: string;
  readonly devices: readonly DeviceView[];
}) {
  const { t, local } = useSpeech();
  const byClass = Map.groupBy(devices, (device) => device.class);
  const classes = (Object.keys(DEVICE_CLASSES) as DeviceClass[]).filter((each) => byClass.has(each));
  return (
    <TableFrame label={t.campus.devicesByClass}>
      <table className="table class-health">
        <thead>
          <tr>
            <th scope="col">{t.devices.class}</th>
            {HEALTHS.map((health) => (
              <th key={health} scope="col" className="number">
                <HealthWord health={health} />
              </th>
            ))}
            <th scope="col" className="number">
              {t.campus.total}
            </th>
          </tr>
        </thead>
        <tbody>
          {classes.map((deviceClass) => {
            const members = byClass.get(deviceClass) ?? [];
            return (
              <tr key={deviceClass}>
                <th scope="row">
                  <Link href={`/devices?campus=${campus}&class=${deviceClass}`}>
                    {capitalised(local(DEVICE_CLASSES[deviceClass]))}
                  </Link>
                </th>
                {HEALTHS.map((health) => {
                  const count = members.filter((device) => device.health === health).length;
                  return (
                    <td key={health} className="number value" data-zero={count === 0}>
                      {count === 0 ? (
                        0
                      ) : (
                        <Link href={`/devices?campus=${campus}&class=${deviceClass}&health=${health}`}>
                          {count}
                        </Link>
                      )}
                    </td>
                  );
                })}
                <td className="number value">{members.length}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </TableFrame>
  );
}

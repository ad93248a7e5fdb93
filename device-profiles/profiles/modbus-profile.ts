/** What a Modbus device is, in data: which metric lies at which address, in which codec. */
import type { ProfileCommon } from "./profile.ts";

export interface ModbusProfile extends ProfileCommon {
  readonly protocol: "modbus";
}

"""A room monitor (profile environment-sensor/generic-room-monitor) played by python3-pymodbus.

    python3 examples/room-monitor.py 15020

Prints "listening". Then each line on standard input, "<address> <value>", sets an input register by its PDU address:
32 temperature x10, 33 humidity x10, 34 CO2, 35 PM2.5 x10.
"""
import asyncio
import sys

from pymodbus.datastore import ModbusSequentialDataBlock, ModbusServerContext, ModbusSlaveContext
from pymodbus.server.async_io import ModbusTcpServer

INPUT_REGISTERS = 4
TEMPERATURE, HUMIDITY, CO2, PM25 = 32, 33, 34, 35


def ascii_registers(text, registers):
    data = text.encode("ascii").ljust(2 * registers, b"\0")
    return [int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data), 2)]


async def main():
    cells = [0] * 64
    cells[0:8] = ascii_registers("PY-000001", 8)
    cells[8:12] = ascii_registers("3.0", 4)
    cells[TEMPERATURE], cells[HUMIDITY], cells[CO2], cells[PM25] = 215, 480, 640, 170
    unit = ModbusSlaveContext(
        ir=ModbusSequentialDataBlock(0, cells),
        di=ModbusSequentialDataBlock(0, [0] * 16),
        zero_mode=True,
    )
    context = ModbusServerContext(slaves={1: unit}, single=False)
    server = ModbusTcpServer(context, address=("127.0.0.1", int(sys.argv[1])))
    serving = asyncio.ensure_future(server.serve_forever())
    await server.serving
    print("listening", flush=True)
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        address, value = (int(word) for word in line.split())
        unit.setValues(INPUT_REGISTERS, address, [value])
    await serving


asyncio.run(main())

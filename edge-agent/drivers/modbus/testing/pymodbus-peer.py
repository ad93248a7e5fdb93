"""A Modbus TCP server by other people: Debian's python3-pymodbus, driven over stdin and stdout.

First line in: {"coil": {"0": 1}, "discrete": {…}, "input": {…}, "holding": {…}}, cells by PDU address.
First line out: the port. Then each line in, "<table> <address>", is answered with what that cell holds.
"""
import asyncio
import json
import sys

from pymodbus.datastore import ModbusServerContext, ModbusSlaveContext, ModbusSparseDataBlock
from pymodbus.server.async_io import ModbusTcpServer

FUNCTIONS = {"coil": 1, "discrete": 2, "holding": 3, "input": 4}
ABSENT = {65535: 0}


def block(cells):
    return ModbusSparseDataBlock({int(address): value for address, value in cells.items()} or ABSENT)


async def main():
    tables = json.loads(sys.stdin.readline())
    unit = ModbusSlaveContext(
        di=block(tables.get("discrete", {})),
        co=block(tables.get("coil", {})),
        ir=block(tables.get("input", {})),
        hr=block(tables.get("holding", {})),
        zero_mode=True,
    )
    server = ModbusTcpServer(
        ModbusServerContext(slaves={1: unit}, single=False), address=("127.0.0.1", 0)
    )
    serving = asyncio.ensure_future(server.serve_forever())
    await server.serving
    print(server.server.sockets[0].getsockname()[1], flush=True)
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        table, address = line.split()
        print(int(unit.getValues(FUNCTIONS[table], int(address), 1)[0]), flush=True)
    serving.cancel()


asyncio.run(main())

"""A Modbus server by other people: Debian's python3-pymodbus, driven over stdin and stdout.

Without an argument it speaks Modbus TCP; with the path of a serial port, RTU on that port.
First line in: {"coil": {"0": 1}, "discrete": {…}, "input": {…}, "holding": {…}}, cells by PDU address.
First line out: the TCP port, or 0. Then each line in, "<table> <address>", is answered with what that cell holds.
"""
import asyncio
import json
import sys

from pymodbus.datastore import ModbusServerContext, ModbusSlaveContext, ModbusSparseDataBlock
from pymodbus.server.async_io import ModbusSerialServer, ModbusTcpServer
from pymodbus.transaction import ModbusRtuFramer

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
    context = ModbusServerContext(slaves={1: unit}, single=False)
    if len(sys.argv) > 1:
        server = ModbusSerialServer(context, framer=ModbusRtuFramer, port=sys.argv[1], baudrate=115200)
        await server.start()
        serving = asyncio.ensure_future(server.serve_forever())
        print(0, flush=True)
    else:
        server = ModbusTcpServer(context, address=("127.0.0.1", 0))
        serving = asyncio.ensure_future(server.serve_forever())
        await server.serving
        print(server.server.sockets[0].getsockname()[1], flush=True)
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        table, address = line.split()
        print(int(unit.getValues(FUNCTIONS[table], int(address), 1)[0]), flush=True)
    serving.cancel()


asyncio.run(main())

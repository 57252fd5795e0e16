"""A name server for one zone on 127.0.0.1:53: answers A records from /etc/names, one `name address` a line."""

import socket
import struct

server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 53))
while True:
    query, client = server.recvfrom(512)
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1 : at + 1 + query[at]].decode())
        at += query[at] + 1
    question = query[12 : at + 5]
    wants_address = question[-4:-2] == b"\x00\x01"
    with open("/etc/names", encoding="ascii") as zone:
        records = dict(line.split() for line in zone if line.strip())
    address = records.get(".".join(labels).lower())
    answers = b""
    if address and wants_address:
        answers = b"\xc0\x0c\x00\x01\x00\x01" + struct.pack(">IH", 5, 4) + socket.inet_aton(address)
    code = 0 if address else 3
    header = query[:2] + struct.pack(">HHHHH", 0x8180 | code, 1, 1 if answers else 0, 0, 0)
    server.sendto(header + question + answers, client)

"""A link between two network namespaces that delays packets and loses some.

usage: link.py NAMESPACE_A NAMESPACE_B DELAY_MS LOSS_PERCENT   (as root; prints "up" when it is)
A has the address 10.9.0.1, B 10.9.0.2.
"""
import fcntl, os, random, select, struct, subprocess, sys, time, heapq

names, delay, loss = sys.argv[1:3], float(sys.argv[3]) / 1e3, float(sys.argv[4]) / 100
random.seed(1)
ends = []
for name, own, other in zip(names, ("10.9.0.1", "10.9.0.2"), ("10.9.0.2", "10.9.0.1")):
    end = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    device = "wg" + own[-1]
    fcntl.ioctl(end, 0x400454CA, struct.pack("16sH", device.encode(), 0x1001))  # TUNSETIFF: IFF_TUN, IFF_NO_PI
    in_it = ["ip", "netns", "exec", name, "ip"]
    for command in (["ip", "link", "set", device, "netns", name],
                    in_it + ["addr", "add", own, "peer", other, "dev", device],
                    in_it + ["link", "set", device, "up"], in_it + ["link", "set", "lo", "up"]):
        subprocess.run(command, check=True)
    ends.append(end)
print("up", flush=True)
late = []  # (when, number, end, packet)
number = 0
while True:
    wait = max(0, late[0][0] - time.monotonic()) if late else None
    ready, _, _ = select.select(ends, [], [], wait)
    for end in ready:
        packet = os.read(end, 65536)
        number += 1
        if random.random() >= loss:
            heapq.heappush(late, (time.monotonic() + delay, number, ends[1 - ends.index(end)], packet))
    while late and late[0][0] <= time.monotonic():
        _, _, end, packet = heapq.heappop(late)
        try:
            os.write(end, packet)
        except BlockingIOError:
            pass

/* The device's network, and that of other containers. */
#include "escape.h"
#include <arpa/inet.h>
#include <linux/if.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <net/ethernet.h>
#include <netinet/in.h>

static void connect_to(const char *address, int port)
{
	char text[100] = "";
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
	struct timeval limit = {.tv_sec = 2};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	inet_pton(AF_INET, address, &to.sin_addr);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0) note("connect to %s", address);
	else if (recv(fd, text, sizeof(text) - 1, 0) > 0) told(text);
	close(fd);
}

/* A service of the device on its loopback, and on the bridge; one of another container. */
static void loopback_service(void) { connect_to("127.0.0.1", 7777); }
static void bridge_service(void) { connect_to("192.168.77.1", 7777); }
static void other_service(void) { connect_to("192.168.77.2", 7777); }

static void add_bridge(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (ioctl(fd, SIOCBRADDBR, "escbr") != 0) note("SIOCBRADDBR");
}

static void set_address(void)
{
	struct ifreq want = {.ifr_name = "lo:9"};
	struct sockaddr_in *address = (struct sockaddr_in *)&want.ifr_addr;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	address->sin_family = AF_INET;
	inet_pton(AF_INET, "10.99.99.9", &address->sin_addr);
	if (ioctl(fd, SIOCSIFADDR, &want) != 0) note("SIOCSIFADDR");
}

static void bridge_down(void)
{
	struct ifreq want = {.ifr_name = "escbr0"};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (ioctl(fd, SIOCGIFFLAGS, &want) != 0) {
		note("SIOCGIFFLAGS");
		return;
	}
	/* Promiscuous: the device shows it, and the network goes on. */
	want.ifr_flags |= IFF_PROMISC;
	if (ioctl(fd, SIOCSIFFLAGS, &want) != 0) note("SIOCSIFFLAGS");
}

static void sniff(void)
{
	struct sockaddr_ll on = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};
	char packet[2048];
	struct timeval limit = {.tv_sec = 2};
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL));
	if (fd < 0) {
		note("socket");
		return;
	}
	/* The device says it once a fifth of a second to nobody, on its loopback. */
	bind(fd, (struct sockaddr *)&on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	for (int i = 0; i < 60; i++) {
		ssize_t count = recv(fd, packet, sizeof(packet) - 1, 0);
		if (count <= 0) break;
		packet[count] = '\0';
		for (ssize_t at = 0; at < count - 16; at++)
			if (memcmp(packet + at, "only-the-device-", 16) == 0) {
				told(packet + at);
				return;
			}
	}
}

static void forwarding(void) { write_kernel("proc", "sys/net/ipv4/conf/all/log_martians", "1"); }
static void net_global(void) { write_kernel("proc", "sys/net/core/netdev_budget", "321"); }

static void take_interface(void)
{
	struct ifreq want = {.ifr_name = "escbr0"};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	strcpy(want.ifr_newname, "taken");
	if (ioctl(fd, SIOCGIFINDEX, &want) != 0) {
		note("SIOCGIFINDEX");
		return;
	}
	struct ifreq queue = {.ifr_name = "escbr0", .ifr_qlen = 4321};
	if (ioctl(fd, SIOCSIFTXQLEN, &queue) != 0) note("SIOCSIFTXQLEN");
}

const struct attempt network[] = {
	{"net-loopback", loopback_service},
	{"net-bridge", bridge_service},
	{"net-other", other_service},
	{"net-add-bridge", add_bridge},
	{"net-address", set_address},
	{"net-promiscuous", bridge_down},
	{"net-sniff", sniff},
	{"net-sysctl", forwarding},
	{"net-budget", net_global},
	{"net-queue", take_interface},
	{NULL, NULL},
};

